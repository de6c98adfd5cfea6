import type { Clock } from '../../base/clock.ts'
import { nameOf } from '../errors.ts'
import type { GroupMemory } from './port.ts'
import type { Position } from './position.ts'

/** A group that moves all the time is noted this often; one that stands still was noted before. */
const NOTE_EVERY_MS = 30_000
const UNANSWERED_MAX = 8

type Written = { readonly offsets: ReadonlyMap<string, number>; readonly positions: readonly Position[] }
type Noted = { readonly at: number; readonly offsets: ReadonlyMap<string, number> }

/**
 * Whose the positions at the destination are: those that the link wrote itself it may move, those that somebody moved
 * since are theirs. What is noted beyond this worker may be some seconds old.
 */
export class Ownership {
  readonly #memory: GroupMemory | null
  readonly #clock: Clock
  readonly #written = new Map<string, Written>()
  /** Offsets that were sent and not answered, newest last: they may stand there, at once or later. */
  readonly #unanswered = new Map<string, readonly number[]>()
  #noted = new Map<string, Noted>()
  #recalled = false

  constructor(memory: GroupMemory | null, clock: Clock) {
    this.#memory = memory
    this.#clock = clock
  }

  /** Reads what earlier workers wrote, once. */
  async recall(): Promise<void> {
    if (this.#recalled || this.#memory === null) return
    const known = await this.#memory.load()
    this.#noted = new Map([...known].map(([group, offsets]) => [group, { at: 0, offsets }]))
    this.#recalled = true
  }

  /** The answer did not come: whether it was written is not known. */
  mayHaveWritten(group: string, positions: readonly Position[]): void {
    for (const position of positions) {
      const key = `${group}/${nameOf(position)}`
      const kept = this.#unanswered.get(key) ?? []
      this.#unanswered.set(key, [...kept, position.offset].slice(-UNANSWERED_MAX))
    }
  }

  wrote(group: string, positions: readonly Position[]): void {
    // One that is gone at the source may come back, and what stands here for it is still ours.
    const known = this.#written.get(group)?.offsets ?? []
    const written = positions.map((position) => [nameOf(position), position.offset] as const)
    const offsets = new Map([...known, ...written])
    this.#written.set(group, { offsets, positions })
  }

  /** Notes what moved: at once what is new or went back, the rest now and then; `all` when the worker ends. */
  async keep({ all = false }: { readonly all?: boolean } = {}): Promise<void> {
    if (this.#memory === null) return
    const due = [...this.#written].filter(([group, { offsets }]) => all || this.#isDue(group, offsets))
    const changed = due.filter(([group, { offsets }]) => !equal(offsets, this.#noted.get(group)?.offsets))
    if (changed.length === 0) return
    await this.#memory.save(new Map(changed.map(([group, { positions }]) => [group, positions])))
    const at = this.#clock.now()
    for (const [group, { offsets }] of changed) this.#noted.set(group, { at, offsets })
  }

  /** Whether somebody at the destination has moved the position since it was written from here. */
  isMoved(group: string, wanted: Position, present: Position | undefined): boolean {
    if (present === undefined) return false
    if (this.#unanswered.get(`${group}/${nameOf(wanted)}`)?.includes(present.offset)) return false
    const written = this.#written.get(group)?.offsets.get(nameOf(wanted))
    if (written !== undefined) return present.offset !== written
    const noted = this.#noted.get(group)?.offsets.get(nameOf(wanted))
    // Nothing is known of it but that the source has not come so far.
    if (noted === undefined) return present.offset > wanted.offset
    if (present.offset === noted) return false
    // A worker that was killed may have written more than it noted, never less.
    return present.offset < noted || present.offset > wanted.offset
  }

  #isDue(group: string, offsets: ReadonlyMap<string, number>): boolean {
    const noted = this.#noted.get(group)
    if (noted === undefined || this.#clock.now() - noted.at >= NOTE_EVERY_MS) return true
    return [...offsets].some(([at, offset]) => offset < (noted.offsets.get(at) ?? 0))
  }
}

function equal(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number> | undefined): boolean {
  return b !== undefined && a.size === b.size && [...a].every(([key, value]) => b.get(key) === value)
}
