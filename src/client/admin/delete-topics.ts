import { DeleteTopics } from '../../wire/apis/020-delete-topics.ts'
import { ErrorCode } from '../../wire/error-codes.ts'
import type { Cluster } from '../cluster.ts'
import { atController } from '../controller-calls.ts'
import { matchAnswers, outcomeOfCode } from '../match-answers.ts'
import { type Outcome, succeeded } from '../outcome.ts'
import type { CallOptions } from '../retry.ts'

/** From this version on topics are named one way, as structs that may hold an id (KIP-516). */
const STRUCTS_FROM = 6

/** Deletes topics by name; one outcome per name, in order. */
export function deleteTopics(
  cluster: Cluster,
  names: readonly string[],
  options: CallOptions = {},
): Promise<Outcome<void>[]> {
  return atController(cluster, names, {
    ...options,
    what: 'deleting topics',
    ask: async (pending, limits, unsure) => {
      const connection = await cluster.connection('controller', limits)
      const version = connection.versions.pick(DeleteTopics)
      const topics =
        version >= STRUCTS_FROM ? { topics: pending.map((name) => ({ name })) } : { topicNames: pending }
      const body = { ...topics, timeoutMs: Math.round(limits.timeoutMs) }
      const answer = await connection.send(DeleteTopics, body, { ...limits, version })
      return matchAnswers({
        api: 'DeleteTopics',
        items: pending,
        keyOf: (name) => name,
        answers: answer.responses,
        keyOfAnswer: ({ name }) => name ?? '',
        read: (deleted, name) => {
          // The earlier try, whose answer was lost, has done it.
          const isGone = deleted.errorCode === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION && unsure.has(name)
          return isGone
            ? succeeded(undefined)
            : outcomeOfCode(deleted, `deleting topic ${name}`, () => undefined)
        },
      })
    },
  })
}
