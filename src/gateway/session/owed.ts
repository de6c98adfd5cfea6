import type { Served } from '../rewrite/served.ts'
import type { Sent } from '../state/deliveries.ts'

/** Looks at a whole answer (its size included) and gives what the client is to get; later, when it gives a promise. */
export type AnswerChange = (frame: Buffer) => readonly Buffer[] | Promise<readonly Buffer[]>

/** Requests whose answers acknowledge records: Produce, and EndTxn, which makes them count. */
export const WRITES: ReadonlySet<number> = new Set([0, 26])

/** An answer that a client waits for. Answers leave in the order of the requests. */
export type Owed = {
  readonly api: Served
  readonly version: number
  readonly correlationId: number
  /** The request as the client sent it, where it may be sent again to another broker. */
  readonly request: Buffer | null
  /** Where the gateway has to see the whole answer. */
  readonly change: AnswerChange | null
  /** Of a Produce request, once all of it has passed; null for others. */
  batches: readonly Sent[] | null
  /** What the gateway answers by itself: `broker` for none, null while it is being made. */
  local: readonly Buffer[] | 'broker' | null
}
