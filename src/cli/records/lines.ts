import { cliError } from '../errors.ts'

/** A line is one record, and a broker takes 1 MiB unless told otherwise; this bounds memory, not Kafka. */
export const LINE_BYTES_MAX = 64 * 1024 * 1024

const NEWLINE = 0x0a

export type Line = { readonly bytes: Buffer; readonly number: number }

/**
 * The lines of a stream of bytes, without their ends; the last one may lack its end. INPUT_UNREADABLE when a line is
 * longer than LINE_BYTES_MAX.
 */
export async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<Line> {
  let pending: Buffer[] = []
  let pendingBytes = 0
  let number = 1
  for await (const chunk of chunks) {
    let from = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      yield { bytes: joined(pending, chunk.subarray(from, end)), number }
      number += 1
      pending = []
      pendingBytes = 0
      from = end + 1
    }
    if (from === chunk.length) continue
    pending.push(chunk.subarray(from))
    pendingBytes += chunk.length - from
    if (pendingBytes > LINE_BYTES_MAX) {
      throw cliError('INPUT_UNREADABLE', `Line ${number} is longer than ${LINE_BYTES_MAX} bytes`)
    }
  }
  if (pendingBytes > 0) yield { bytes: joined(pending, Buffer.alloc(0)), number }
}

function joined(pending: readonly Buffer[], last: Buffer): Buffer {
  return pending.length === 0 ? last : Buffer.concat([...pending, last])
}
