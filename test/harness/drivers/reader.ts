import type { Access } from '../access.ts'
import type { Codec, NewRecord, SeenRecord } from '../records.ts'

/** A foreign client that reads. What it cannot do or does not tell is said here, so that no comparison guesses. */
export type Reader = {
  readonly name: string
  readonly codecs: readonly Codec[]
  /** Whether it leaves out the records of every aborted transaction. */
  readonly filtersAborted: boolean
  /** Reads all of a topic at read_committed; waits until at least `atLeast` records have come. */
  read(access: Access, topic: string, options: { readonly atLeast: number }): Promise<SeenRecord[]>
}

/** A foreign client that writes. */
export type Writer = {
  readonly name: string
  readonly codecs: readonly Codec[]
  write(access: Access, topic: string, records: readonly NewRecord[], codec: Codec): Promise<void>
}
