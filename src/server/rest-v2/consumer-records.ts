import { z } from 'zod'
import type { ConsumedRecord } from '../../client/records/read-topic.ts'
import type { Route } from '../http/route.ts'
import type { ConsumerInstances } from './consumer/instances.ts'
import { WAIT_MAX_MS } from './consumer/settings.ts'
import { INSTANCE, ofGroup, placeOf } from './consumer-row.ts'
import { shownIn } from './data.ts'
import { recordsType } from './media.ts'
import { asReply, rows } from './row.ts'

const ANSWER_BYTES_MAX = 16 * 1024 * 1024

const readQuery = z.object({
  timeout: z.coerce.number().int().optional().describe('milliseconds'),
  max_bytes: z.coerce.number().int().optional(),
})
const record = z.object({
  topic: z.string(),
  key: z.unknown(),
  value: z.unknown(),
  partition: z.int(),
  offset: z.int(),
})

/** What an instance reads. */
export function consumerRecordRoutes(instances: ConsumerInstances): readonly Route[] {
  return rows({
    ...ofGroup,
    method: 'GET',
    path: `${INSTANCE}/records`,
    summary: 'Records that come next; empty where none came in time',
    query: readQuery,
    answer: z.array(record),
    handle: (call) =>
      instances.use(placeOf(call), async (instance) => {
        const { format, waitMs } = instance.settings
        const type = recordsType(call.headers.accept, format)
        const { timeout = 0, max_bytes: bytesMax = 0 } = call.query
        const limits = {
          waitMs: timeout > 0 ? Math.min(timeout, WAIT_MAX_MS) : waitMs,
          bytesMax: bytesMax > 0 ? Math.min(bytesMax, ANSWER_BYTES_MAX) : ANSWER_BYTES_MAX,
          signal: call.signal,
        }
        const shown = (one: ConsumedRecord): z.infer<typeof record> => ({
          topic: one.topic,
          key: shownIn(format, one.key, one),
          value: shownIn(format, one.value, one),
          ...{ partition: one.partition, offset: one.offset },
        })
        return asReply(await instance.records(limits, shown), type)
      }),
  })
}
