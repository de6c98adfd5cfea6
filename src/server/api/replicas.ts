import { z } from 'zod'
import { messageOf } from '../../base/error.ts'
import { electLeaders } from '../../client/admin/elections.ts'
import { alterReassignments } from '../../client/admin/reassignments.ts'
import { isKafkaError } from '../../client/errors.ts'
import type { PartitionMetadata } from '../../client/metadata.ts'
import type { Outcome } from '../../client/outcome.ts'
import { ask, missing, topicOf } from '../ask.ts'
import { confirmed, confirmSchema } from '../confirm.ts'
import { type Route, route } from '../http/route.ts'
import { partitionsOf } from './record-parts.ts'

const PARTITIONS_MAX = 10_000

const elected = z.object({
  partitions: z.array(
    z.object({
      partition: z.int(),
      changed: z.boolean().describe('false where the preferred replica led already, and where it failed'),
      error: z.string().nullable(),
    }),
  ),
})
const wanted = z
  .array(
    z.object({
      partition: z.int().min(0),
      replicas: z
        .array(z.int())
        .min(1)
        .max(100)
        .nullable()
        .describe('ids of brokers, the preferred leader first; null takes back a move that goes on'),
    }),
  )
  .min(1)
  .max(PARTITIONS_MAX)
const moved = z.object({
  partitions: z.array(
    z.object({
      partition: z.int(),
      before: z.array(z.int()),
      after: z.array(z.int()).nullable(),
      error: z.string().nullable(),
    }),
  ),
})

const TOPIC = '/api/clusters/{cluster}/topics/{topic}'
const shared = { method: 'POST', tag: 'topics' } as const

/** Where the replicas of a topic stand, and which of them leads: Confluent's API has no verbs for these. */
export const replicaRoutes: readonly Route[] = [
  route({
    ...{ ...shared, path: `${TOPIC}/leaders:elect`, action: 'topic.elect' },
    summary: 'Lets the preferred replica lead, of all partitions or some',
    need: { role: 'operator', on: 'topic' },
    body: z.strictObject({ partitions: z.array(z.int().min(0)).min(1).max(PARTITIONS_MAX).optional() }),
    answer: elected,
    handle: (call) =>
      ask(call, async (cluster, limits) => {
        const { params, body, note } = call
        const known = await topicOf(cluster, params.topic, limits)
        const chosen = await partitionsOf(cluster, params.topic, body.partitions, limits.signal)
        const places = chosen.map((partition) => ({ topic: params.topic, partition }))
        const outcomes = await electLeaders(cluster, 'preferred', places, limits)
        const partitions = outcomes.map((outcome, at) => ({
          partition: places[at]!.partition,
          ...electedBy(outcome),
        }))
        note({
          before: known.partitions.map(({ partition, leader }) => [partition, leader]),
          after: partitions,
        })
        return { partitions }
      }),
  }),
  route({
    ...{ ...shared, path: `${TOPIC}/replicas:preview`, action: null },
    summary: 'From which brokers to which partitions would be moved. Changes nothing',
    need: { role: 'admin', on: 'topic' },
    body: z.strictObject({ partitions: wanted }),
    answer: moved,
    handle: (call) =>
      ask(call, async (cluster, limits) => {
        const { partitions: known } = await topicOf(cluster, call.params.topic, limits)
        return { partitions: movesOf(known, call.body.partitions) }
      }),
  }),
  route({
    ...{ ...shared, path: `${TOPIC}/replicas`, action: 'topic.replicas' },
    summary: 'Begins to move partitions to other brokers; the name of the topic has to be sent as `confirm`',
    need: { role: 'admin', on: 'topic' },
    body: z.strictObject({ partitions: wanted, confirm: confirmSchema }),
    answer: moved,
    handle(call) {
      const { params, body, note } = call
      confirmed(body.confirm, params.topic, `replicas of ${params.topic} would be copied and then deleted`)
      return ask(call, async (cluster, limits) => {
        const { partitions: known } = await topicOf(cluster, params.topic, limits)
        const moves = movesOf(known, body.partitions)
        note({ before: moves.map(({ partition, before }) => [partition, before]) })
        const orders = body.partitions.map((one) => ({ topic: params.topic, ...one }))
        const outcomes = await alterReassignments(cluster, orders, limits)
        const partitions = moves.map((move, at) => ({ ...move, error: errorOf(outcomes[at]!) }))
        note({ after: partitions })
        return { partitions }
      })
    },
  }),
]

type Moves = z.infer<typeof moved>['partitions']

/** @throws RESOURCE_NOT_FOUND */
function movesOf(known: readonly PartitionMetadata[], orders: z.infer<typeof wanted>): Moves {
  return orders.map(({ partition, replicas: after }) => {
    const found = known.find((one) => one.partition === partition)
    return {
      partition,
      before: [...(found ?? missing(`partition ${partition}`)).replicas],
      after,
      error: null,
    }
  })
}

function electedBy(outcome: Outcome<{ readonly changed: boolean }>) {
  if (outcome.ok) return { changed: outcome.value.changed, error: null }
  // It led already: nothing is wrong.
  const isNothing = isKafkaError(outcome.error, 'ELECTION_NOT_NEEDED')
  return { changed: false, error: isNothing ? null : messageOf(outcome.error) }
}

function errorOf(outcome: Outcome<void>): string | null {
  return outcome.ok ? null : messageOf(outcome.error)
}
