import { z } from 'zod'
import { serverError } from '../errors.ts'
import type { Route } from '../http/route.ts'
import type { ConsumerInstances } from './consumer/instances.ts'
import { done, eachWith, INSTANCE, nothing, ofGroup, partitions, placeOf } from './consumer-row.ts'
import { bodyOf, neededBody, rows } from './row.ts'

const OFFSETS = `${INSTANCE}/offsets` as const

const offset = z.int().min(0)
const offsets = z.object({ offsets: eachWith({ offset, metadata: z.string().max(4_096).nullish() }) })
const positions = z.object({
  offsets: eachWith({ offset }).default([]),
  timestamps: eachWith({ timestamp: z.iso.datetime({ offset: true }) }).default([]),
})

/** What the group has committed. */
export function offsetRoutes(instances: ConsumerInstances): readonly Route[] {
  return [
    ...rows({
      ...ofGroup,
      method: 'POST',
      path: OFFSETS,
      summary: 'Commits records as read: those named, or all that were answered',
      answer: z.array(z.unknown()),
      async handle(call) {
        const body = await bodyOf(call, offsets)
        // A record is named by its own offset; what is committed is where reading goes on.
        const next = body?.offsets.map((one) => ({
          ...one,
          offset: one.offset + 1,
          metadata: one.metadata ?? '',
        }))
        await instances.use(placeOf(call), (instance) => instance.commit(next))
        return []
      },
    }),
    ...rows({
      ...ofGroup,
      method: 'GET',
      path: OFFSETS,
      summary: 'What the group has committed, of the partitions in the body',
      answer: offsets,
      async handle(call) {
        const body = await bodyOf(call, partitions)
        if (body === undefined) throw serverError('PARTITION_NOT_FOUND', 'the body names no partitions')
        const found = await instances.use(placeOf(call), (instance) => instance.committed(body.partitions))
        const known = found.filter((one) => one.offset >= 0)
        return {
          offsets: known.map(({ topic, partition, offset: at, metadata: word }) => {
            return { topic, partition, offset: at, metadata: word ?? '' }
          }),
        }
      },
    }),
  ]
}

/** Where an instance reads on. */
export function positionRoutes(instances: ConsumerInstances): readonly Route[] {
  const seekTo = (at: 'start' | 'end', word: 'beginning' | 'end') =>
    rows({
      ...ofGroup,
      method: 'POST',
      path: `${INSTANCE}/positions/${word}`,
      summary: `Moves partitions to their ${word}`,
      answer: nothing,
      async handle(call) {
        const { partitions: chosen } = await neededBody(call, partitions)
        const places = chosen.map((one) => ({ ...one, at }))
        await instances.use(placeOf(call), (instance) => instance.seekTo(places))
        return done()
      },
    })
  return [
    ...rows({
      ...ofGroup,
      method: 'POST',
      path: `${INSTANCE}/positions`,
      summary: 'Moves partitions to offsets, or to the first record of a time',
      answer: nothing,
      async handle(call) {
        const { offsets: to, timestamps } = await neededBody(call, positions)
        const times = timestamps.map(({ timestamp, ...one }) => {
          return { ...one, at: { timestampMs: Date.parse(timestamp) } }
        })
        await instances.use(placeOf(call), async (instance) => {
          await instance.seek(to)
          if (times.length > 0) await instance.seekTo(times)
        })
        return done()
      },
    }),
    ...seekTo('start', 'beginning'),
    ...seekTo('end', 'end'),
  ]
}
