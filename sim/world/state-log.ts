import type { LeaseStore } from '../../src/link/state/lease.ts'
import { decodeChange, encodeChange, type StateChange } from '../../src/link/state/records.ts'
import { StateView } from '../../src/link/state/view.ts'
import { type ClusterAccess, LOOK_UP_MS } from '../ports/access.ts'

/** The topic `__kmc_state` of the destination: encoded changes in the order in which they arrived. */
type StateRecord = { readonly key: Buffer; readonly value: Buffer | null }
export class StateLog {
  readonly records: StateRecord[] = []
  watchers: (() => void)[] = []

  push(record: StateRecord): void {
    this.records.push(record)
    const watchers = this.watchers
    this.watchers = []
    for (const watcher of watchers) watcher()
  }
}

/** How long a look at it waits at the broker. */
const FOLLOW_MS = 2_000

/** One worker's reading of it. */
export class SimStore implements LeaseStore {
  readonly view = new StateView()
  readonly #access: ClusterAccess
  readonly #log: StateLog
  #position = 0

  constructor(access: ClusterAccess, log: StateLog) {
    this.#access = access
    this.#log = log
  }

  async append(change: StateChange): Promise<void> {
    const record = encodeChange(change)
    await this.#access.anywhere(`state ${record.key}`, LOOK_UP_MS, () => this.#log.push(record))
  }

  /** In one batch. */
  async appendAll(changes: readonly StateChange[]): Promise<void> {
    const records = changes.map(encodeChange)
    await this.#access.anywhere(`state ${records[0]?.key} and others`, LOOK_UP_MS, () => {
      for (const record of records) this.#log.push(record)
    })
  }

  /** Waits at the broker for the next change, a few seconds at most. */
  async next(): Promise<void> {
    const { events } = this.#access.cluster
    const node = this.#access.cluster.brokersUp()[0] ?? 1
    const from = this.#position
    const records = await this.#access.call(
      node,
      'state',
      LOOK_UP_MS,
      () => 'next state',
      (done: (value: StateRecord[]) => void) => {
        const isNew = () => this.#log.records.length > from
        let over = false
        const answer = () => {
          if (over) return
          over = true
          callOff()
          done(this.#log.records.slice(from))
        }
        const callOff = events.after(FOLLOW_MS, answer)
        if (isNew()) answer()
        else this.#log.watchers.push(answer)
      },
    )
    this.#take(from, records)
  }

  async refresh(): Promise<void> {
    const from = this.#position
    this.#take(from, await this.#access.anywhere('state', LOOK_UP_MS, () => this.#log.records.slice(from)))
  }

  #take(from: number, records: StateRecord[]): void {
    for (const [index, { key, value }] of records.entries()) {
      // Another read, made meanwhile, may have taken it in already.
      if (from + index < this.#position) continue
      const change = decodeChange(key, value, this.#position++)
      if (change !== null) this.view.apply(change)
    }
  }
}
