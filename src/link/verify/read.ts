import { type VisibleRecord, visibleRecords } from '../../client/records/visible.ts'
import { ErrorCode, errorOf } from '../../wire/error-codes.ts'
import { linkError, nameOf } from '../errors.ts'
import type { Fetched, SourcePort, TopicPartition } from '../port.ts'

const FETCH_BYTES = 8 * 1024 * 1024
const TRIES_MAX = 20

/**
 * Visible records of one partition in [from, to), a Fetch answer at a time. Reading goes on over offsets that hold
 * nothing; `next` tells how far it has come.
 */
export async function* readVisible(
  port: SourcePort,
  at: TopicPartition,
  range: { readonly from: number; readonly to: number },
  signal?: AbortSignal,
): AsyncGenerator<{ records: readonly VisibleRecord[]; next: number }> {
  let position = range.from
  while (position < range.to) {
    signal?.throwIfAborted()
    const fetched = await fetchOnce(port, at, position)
    const { records, next } = visibleRecords(fetched, position, range.to)
    position = next
    yield { records, next: Math.min(position, range.to) }
  }
}

async function fetchOnce(port: SourcePort, at: TopicPartition, offset: number): Promise<Fetched> {
  for (let attempt = 1; ; attempt++) {
    const node = port.leaderOf(at)
    const answers =
      node === null
        ? []
        : await port.fetch(node, [{ ...at, offset, maxBytes: FETCH_BYTES }], {
            maxWaitMs: 100,
            maxBytes: FETCH_BYTES,
          })
    const [answer] = answers
    if (answer?.errorCode === ErrorCode.NONE && hasBatch(answer)) return answer
    const info = errorOf(answer?.errorCode ?? ErrorCode.LEADER_NOT_AVAILABLE)
    const empty = info.code === ErrorCode.NONE
    if ((!info.retriable && !empty) || attempt === TRIES_MAX) {
      const why = empty ? 'the broker answers without records (throttled, or its log is damaged)' : info.name
      throw linkError('VERIFY_READ_FAILED', `${nameOf(at)} at offset ${offset}: ${why}`, {
        context: { ...at, offset },
      })
    }
    if (!empty) await port.refresh()
  }
}

/** Below the log's end there is always a batch to answer with; a broker that throttles sends none. */
function hasBatch(fetched: Fetched): boolean {
  return fetched.records !== null && fetched.records.length > 0
}
