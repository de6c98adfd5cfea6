import type { Clock } from '../base/clock.ts'
import { messageOf } from '../base/error.ts'
import type { Log } from '../base/log.ts'
import type { Cluster } from '../client/cluster.ts'
import { fault } from './errors.ts'
import { blockers } from './preflight/blockers.ts'
import type { LinkSpec } from './spec.ts'
import type { StateStore } from './state/store.ts'
import type { Fault } from './status.ts'
import { type GapPath, leaveTransactions, possiblePath } from './transactions/path.ts'

/** A link that may not start looks again this often, one that works asks less. */
const SHUT_MS = 5_000
const OPEN_MS = 30_000

export type GateOptions = {
  readonly spec: LinkSpec
  readonly source: Cluster
  readonly destination: Cluster
  readonly store: StateStore
  readonly clock: Clock
  readonly log: Log
}

/**
 * Stands before a link's work: keeps it from starting while something makes exactness impossible, and says how gaps
 * are filled. What could not be found out never keeps a link from working.
 */
export class Gate {
  readonly #options: GateOptions
  #path: GapPath = 'markers'
  #fault: Fault | null = null
  #nextLook = 0
  readonly #gapWriters = new Set<number>()
  #isUnsaved = false
  #saving: Promise<void> = Promise.resolve()

  constructor(options: GateOptions) {
    this.#options = options
  }

  /** Meaningful once the gate was open. */
  get path(): GapPath {
    return this.#path
  }
  /** Producer ids of the link's transactional ids, past ones included. */
  get gapWriters(): ReadonlySet<number> {
    return this.#gapWriters
  }
  /** Why the link does not start; null when nothing is known to be in its way. */
  get fault(): Fault | null {
    return this.#fault
  }

  /** Goes the way that the leading worker has chosen. */
  adopt(path: GapPath): void {
    const { spec, store } = this.#options
    for (const id of store.view.gaps(spec.name)?.producerIds ?? []) this.#gapWriters.add(id)
    this.#path = path
  }

  /** Looks when it is time to; true when work may begin. */
  async isOpen(): Promise<boolean> {
    const { spec, source, destination, clock } = this.#options
    if (this.#fault !== null && clock.now() < this.#nextLook) return false
    this.#nextLook = clock.now() + SHUT_MS
    const path = await this.#possiblePath()
    const found = await blockers({ spec, source, destination, path })
    if (found.length > 0) {
      const list = found.map(({ what }) => what)
      const since = this.#fault?.since ?? clock.now()
      const evidence = { findings: found.map(({ code, side, subject }) => ({ code, side, subject })) }
      this.#fault = { ...fault('PREFLIGHT_FAILED', `${spec.name}: ${list.join('; ')}`, evidence), since }
      return false
    }
    await this.#take(path ?? 'unknown')
    this.#fault = null
    this.#nextLook = clock.now() + OPEN_MS
    return true
  }

  /** For a link at work: whether rights have changed so that gaps must, or can, be filled the other way. */
  async hasMoved(): Promise<boolean> {
    const { clock, log } = this.#options
    if (clock.now() < this.#nextLook) return false
    this.#nextLook = clock.now() + OPEN_MS
    const path = await this.#possiblePath()
    if (path === null || path === 'unknown' || path === this.#path) return false
    log.warn(
      { from: this.#path, to: path },
      'the rights at the destination have changed: gaps go another way',
    )
    return true
  }

  async #possiblePath(): Promise<GapPath | null | 'unknown'> {
    const { spec, destination, log } = this.#options
    try {
      return await possiblePath(destination, spec.name)
    } catch (error) {
      log.warn({ why: messageOf(error) }, 'how gaps may be filled could not be found out')
      return 'unknown'
    }
  }

  /** Remembers the path before anything rests on it. */
  async #take(path: GapPath | 'unknown'): Promise<void> {
    const { spec, destination, store, log } = this.#options
    const known = store.view.gaps(spec.name)
    const before = known?.path ?? 'markers'
    for (const id of known?.producerIds ?? []) this.#gapWriters.add(id)
    this.#path = path === 'unknown' ? before : path
    if (before === this.#path) return
    if (this.#path === 'markers') await leaveTransactions(destination, spec.name)
    else log.warn({}, 'no right to write markers: gaps are filled by empty transactions, which is slower')
    await this.#save()
  }

  /** Remembers producer ids of the link's transactional ids before anything of theirs stands in a log. */
  note(producerIds: readonly number[]): Promise<void> {
    const added = producerIds.filter((id) => !this.#gapWriters.has(id))
    for (const id of added) this.#gapWriters.add(id)
    if (added.length > 0) this.#isUnsaved = true
    // What could not be stored is tried again by whoever notes next, new ids or not.
    this.#saving = this.#saving.catch(() => {}).then(() => (this.#isUnsaved ? this.#save() : undefined))
    return this.#saving
  }

  async #save(): Promise<void> {
    const { spec, store, clock } = this.#options
    const producerIds = [...this.#gapWriters]
    const record = { link: spec.name, path: this.#path, producerIds, at: clock.now() }
    this.#isUnsaved = false
    try {
      await store.append({ kind: 'gaps', name: spec.name, record })
    } catch (error) {
      this.#isUnsaved = true
      throw error
    }
  }
}
