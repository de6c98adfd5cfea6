import { DescribeGroups } from '../../wire/apis/015-describe-groups.ts'
import { ConsumerGroupDescribe } from '../../wire/apis/069-consumer-group-describe.ts'
import { ErrorCode } from '../../wire/error-codes.ts'
import type { Cluster } from '../cluster.ts'
import type { WaitOptions } from '../connection-pool.ts'
import { perCoordinator } from '../coordinator-calls.ts'
import { isKafkaError, KafkaError } from '../errors.ts'
import { matchAnswers, outcomeOfCode } from '../match-answers.ts'
import { failed, type Outcome } from '../outcome.ts'
import type { CallOptions } from '../retry.ts'
import { classicGroup, consumerGroup, type GroupDescription } from './group-description.ts'

/** What brokers before version 6 of DescribeGroups say of a group that does not exist (KIP-1043). */
const DEAD = 'Dead'

/**
 * State, members and what they are assigned, of classic groups and those of KIP-848 alike; one outcome per group, in
 * order. A group that does not exist fails with GROUP_ID_NOT_FOUND.
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
      const asConsumers = await describeConsumerGroups(cluster, node, part, limits)
      // The coordinator answers GROUP_ID_NOT_FOUND for a group of the other protocol.
      const others = part.filter((_, at) => isOfOtherProtocol(asConsumers[at]!))
      const classic = others.length === 0 ? [] : await describeClassicGroups(cluster, node, others, limits)
      const answers = new Map(others.map((groupId, at) => [groupId, classic[at]!]))
      return part.map((groupId, at) => answers.get(groupId) ?? asConsumers[at]!)
    },
  })
}

async function describeConsumerGroups(
  cluster: Cluster,
  node: number,
  groupIds: readonly string[],
  limits: WaitOptions,
): Promise<Outcome<GroupDescription>[]> {
  const connection = await cluster.connection(node, limits)
  if (!connection.versions.supports(ConsumerGroupDescribe)) {
    return groupIds.map((groupId) =>
      failed(new KafkaError(ErrorCode.UNSUPPORTED_VERSION, `group ${groupId}`)),
    )
  }
  const answer = await connection.send(ConsumerGroupDescribe, { groupIds }, limits)
  return matchAnswers({
    api: 'ConsumerGroupDescribe',
    items: groupIds,
    keyOf: (groupId) => groupId,
    answers: answer.groups,
    keyOfAnswer: ({ groupId }) => groupId,
    read: (group, groupId) => outcomeOfCode(group, `group ${groupId}`, () => consumerGroup(group, node)),
  })
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
      const isMissing = group.errorCode === ErrorCode.NONE && group.groupState === DEAD
      const errorCode = isMissing ? ErrorCode.GROUP_ID_NOT_FOUND : group.errorCode
      const verdict = { errorCode, errorMessage: group.errorMessage }
      return outcomeOfCode(verdict, `group ${groupId}`, () => classicGroup(group, node))
    },
  })
}

function isOfOtherProtocol(outcome: Outcome<GroupDescription>): boolean {
  return !outcome.ok && isKafkaError(outcome.error, 'GROUP_ID_NOT_FOUND', 'UNSUPPORTED_VERSION')
}
