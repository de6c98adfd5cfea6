import type { Api } from '../../wire/api.ts'
import { DescribeGroups } from '../../wire/apis/015-describe-groups.ts'
import { ConsumerGroupDescribe } from '../../wire/apis/069-consumer-group-describe.ts'
import { ShareGroupDescribe } from '../../wire/apis/077-share-group-describe.ts'
import { StreamsGroupDescribe } from '../../wire/apis/089-streams-group-describe.ts'
import { ErrorCode } from '../../wire/error-codes.ts'
import type { Cluster } from '../cluster.ts'
import type { WaitOptions } from '../connection-pool.ts'
import { perCoordinator } from '../coordinator-calls.ts'
import { isKafkaError, KafkaError } from '../errors.ts'
import { matchAnswers, outcomeOfCode } from '../match-answers.ts'
import { failed, type Outcome } from '../outcome.ts'
import type { CallOptions } from '../retry.ts'
import {
  classicGroup,
  consumerGroup,
  type GroupDescription,
  shareGroup,
  streamsGroup,
} from './group-description.ts'

/** What brokers before version 6 of DescribeGroups say of a group that does not exist (KIP-1043). */
const DEAD = 'Dead'

type Describe = (
  cluster: Cluster,
  node: number,
  groupIds: readonly string[],
  limits: WaitOptions,
) => Promise<Outcome<GroupDescription>[]>

/** One request for each kind of group: the coordinator answers GROUP_ID_NOT_FOUND for a group of another kind. */
const kinds: readonly Describe[] = [
  describing(ConsumerGroupDescribe, consumerGroup),
  describeClassicGroups,
  describing(ShareGroupDescribe, shareGroup),
  describing(StreamsGroupDescribe, streamsGroup),
]

/**
 * State, members and what they are assigned, of groups of every kind; one outcome per group, in order. A group that
 * does not exist fails with GROUP_ID_NOT_FOUND.
 */
export function describeGroups(
  cluster: Cluster,
  groupIds: readonly string[],
  options: CallOptions = {},
): Promise<Outcome<GroupDescription>[]> {
  return perCoordinator(cluster, groupIds, {
    ...options,
    what: 'describing groups',
    kind: 'group',
    keyOf: (groupId) => groupId,
    ask: async (node, part, limits) => {
      const found = new Map<string, Outcome<GroupDescription>>()
      for (const describe of kinds) {
        const rest = part.filter((groupId) => isMissing(found.get(groupId)))
        if (rest.length === 0) break
        const outcomes = await describe(cluster, node, rest, limits)
        for (const [at, groupId] of rest.entries()) {
          // That a broker does not speak a newer protocol says less than that it has no such group.
          if (!isUnsupported(outcomes[at]!) || !found.has(groupId)) found.set(groupId, outcomes[at]!)
        }
      }
      return part.map((groupId) => found.get(groupId)!)
    },
  })
}

/** The requests that each newer protocol brought are alike. */
function describing<Group extends { groupId: string; errorCode: number; errorMessage: string | null }>(
  api: Api<{ groupIds: string[] }, { groups: Group[] }>,
  read: (group: Group, coordinator: number) => GroupDescription,
): Describe {
  return async (cluster, node, groupIds, limits) => {
    const connection = await cluster.connection(node, limits)
    if (!connection.versions.supports(api)) {
      return groupIds.map((groupId) =>
        failed(new KafkaError(ErrorCode.UNSUPPORTED_VERSION, `group ${groupId}`)),
      )
    }
    const answer = await connection.send(api, { groupIds: [...groupIds] }, limits)
    return matchAnswers({
      api: api.name,
      items: groupIds,
      keyOf: (groupId) => groupId,
      answers: answer.groups,
      keyOfAnswer: ({ groupId }) => groupId,
      read: (group, groupId) => outcomeOfCode(group, `group ${groupId}`, () => read(group, node)),
    })
  }
}

async function describeClassicGroups(
  cluster: Cluster,
  node: number,
  groupIds: readonly string[],
  limits: WaitOptions,
): Promise<Outcome<GroupDescription>[]> {
  const answer = await cluster.request(DescribeGroups, { groups: groupIds }, { node, ...limits })
  return matchAnswers({
    api: 'DescribeGroups',
    items: groupIds,
    keyOf: (groupId) => groupId,
    answers: answer.groups,
    keyOfAnswer: ({ groupId }) => groupId,
    read: (group, groupId) => {
      const isDead = group.errorCode === ErrorCode.NONE && group.groupState === DEAD
      const errorCode = isDead ? ErrorCode.GROUP_ID_NOT_FOUND : group.errorCode
      const verdict = { errorCode, errorMessage: group.errorMessage }
      return outcomeOfCode(verdict, `group ${groupId}`, () => classicGroup(group, node))
    },
  })
}

function isMissing(outcome: Outcome<GroupDescription> | undefined): boolean {
  if (outcome === undefined || isUnsupported(outcome)) return true
  return !outcome.ok && isKafkaError(outcome.error, 'GROUP_ID_NOT_FOUND')
}

function isUnsupported(outcome: Outcome<GroupDescription>): boolean {
  return !outcome.ok && isKafkaError(outcome.error, 'UNSUPPORTED_VERSION')
}
