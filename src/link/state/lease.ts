import { hostname } from 'node:os'
import { linkError } from '../errors.ts'
import type { LeaseRecord, StateChange } from './records.ts'
import type { StateView } from './view.ts'

/** Tries at a claim before giving up: each lost one means that another worker claimed in the same instant. */
const CLAIMS_MAX = 10

/** The part of the store that a claim needs. */
export type LeaseStore = {
  readonly view: StateView
  append(change: StateChange): Promise<void>
  /** Reads to the end of the log. */
  refresh(): Promise<void>
}

/**
 * Takes a link over: writes the next generation and looks whether this claim is the first of that generation in the
 * log. From then on the worker before is fenced by the brokers, as its markers carry a lower generation.
 */
export async function claimLease(
  store: LeaseStore,
  link: string,
  workerId: string,
  now: number,
): Promise<LeaseRecord> {
  for (let attempt = 0; attempt < CLAIMS_MAX; attempt++) {
    await store.refresh()
    const generation = (store.view.lease(link)?.generation ?? 0) + 1
    const worker = { id: workerId, host: hostname(), pid: process.pid }
    await store.append({ kind: 'lease', name: link, record: { link, generation, worker, at: now } })
    await store.refresh()
    const held = store.view.lease(link)
    if (held?.generation === generation && held.worker.id === workerId) return held
  }
  throw linkError('FENCED', `link ${link}: other workers keep claiming it`, {
    context: { link },
    retriable: true,
  })
}
