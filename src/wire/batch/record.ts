/** A header of a record; a key that is not UTF-8 stays bytes, so that nothing is lost. */
export type RecordHeader = { readonly key: string | Buffer; readonly value: Buffer | null }

/** One record as a consumer sees it, with its offset and timestamp made absolute. All bytes are views. */
export type RecordView = {
  readonly offset: number
  /** Milliseconds; the append time where the topic uses LogAppendTime. */
  readonly timestamp: number
  readonly attributes: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly RecordHeader[]
  /** Key, value and headers as they stand in the batch, from the length of the key on. */
  readonly body: Buffer
}

/** A record to be written. With `body`, the bytes of key, value and headers are taken as they are. */
export type RecordInput = {
  readonly offset?: number
  readonly timestamp: number
  readonly attributes?: number
  readonly key?: Buffer | null
  readonly value?: Buffer | null
  readonly headers?: readonly RecordHeader[]
  readonly body?: Buffer
}
