import { CreatePartitions } from '../../wire/apis/037-create-partitions.ts'
import type { Cluster } from '../cluster.ts'
import { atController } from '../controller-calls.ts'
import { matchAnswers, outcomeOfCode } from '../match-answers.ts'
import type { Outcome } from '../outcome.ts'
import type { CreateOptions } from './create-topics.ts'

export type MorePartitions = {
  readonly topic: string
  /** How many the topic shall have in all. */
  readonly count: number
  /** Replicas of each partition that is added; left out: the controller chooses. */
  readonly assignments?: readonly (readonly number[])[] | undefined
}

/** Adds partitions to topics; one outcome per topic, in order. */
export function createPartitions(
  cluster: Cluster,
  topics: readonly MorePartitions[],
  { validateOnly = false, ...options }: CreateOptions = {},
): Promise<Outcome<void>[]> {
  return atController(cluster, topics, {
    ...options,
    what: 'adding partitions',
    ask: async (pending, limits) => {
      const requests = pending.map(({ topic: name, count, assignments }) => ({
        name,
        count,
        assignments: assignments?.map((brokerIds) => ({ brokerIds })) ?? null,
      }))
      const body = { topics: requests, timeoutMs: Math.round(limits.timeoutMs), validateOnly }
      const answer = await cluster.request(CreatePartitions, body, { node: 'controller', ...limits })
      return matchAnswers({
        api: 'CreatePartitions',
        items: pending,
        keyOf: ({ topic }) => topic,
        answers: answer.results,
        keyOfAnswer: ({ name }) => name,
        read: (added, { topic }) => outcomeOfCode(added, `adding partitions to ${topic}`, () => undefined),
      })
    },
  })
}
