import type { Position } from '../../src/link/groups/position.ts'
import type { MarkerWriter } from '../../src/link/port.ts'
import type { MirrorRecord } from '../../src/link/state/records.ts'
import type { Stored } from '../model/log.ts'
import type { Pair } from '../world/mirrors.ts'
import type { Worker } from '../world/worker.ts'
import type { Judged } from './judge.ts'

/** An append to a mirror by the link, sound or not. */
export type LinkAppend = {
  readonly pair: Pair
  readonly stored: Stored
  readonly judged: readonly Judged[]
  readonly by: Worker
}

/** One invariant, told of everything that may break it. Each method throws a Violation when it is broken. */
export type Checker = {
  tookOver?(worker: Worker, writer: MarkerWriter): void
  savingMirror?(record: MirrorRecord): void
  appended?(append: LinkAppend): void
  committed?(group: string, position: Position): void
  /** After every step of the world. */
  stepped?(): void
  /** Once all has healed and come to rest. */
  rested?(): void
}

/** An invariant (I1 to I7, or liveness) does not hold. */
export class Violation extends Error {
  override readonly name = 'Violation'
  readonly invariant: string

  constructor(invariant: string, message: string) {
    super(message)
    this.invariant = invariant
  }
}
