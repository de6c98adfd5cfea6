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

export type Claim = {
  readonly link: string
  readonly workerId: string
  readonly now: number
  /** The generation claimed lies above this one too: it is known to have written. */
  readonly above?: number
  /** Whether the claim is still wanted; asked before each try, since a claim fences whoever works now. */
  readonly isWanted?: () => boolean
}

/**
 * Takes a link over: writes the next generation and looks whether this claim is the first of that generation in the
 * log. From then on the worker before is fenced by the brokers, as its markers carry a lower generation.
 */
export async function claimLease(
  store: LeaseStore,
  { link, workerId, now, above = 0, isWanted = () => true }: Claim,
): Promise<LeaseRecord> {
  for (let attempt = 0; attempt < CLAIMS_MAX; attempt++) {
    await store.refresh()
    if (!isWanted()) break
    const generation = Math.max(store.view.lease(link)?.generation ?? 0, above) + 1
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
