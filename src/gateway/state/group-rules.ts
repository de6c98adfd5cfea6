import { OffsetCommit } from '../../wire/apis/008-offset-commit.ts'
import { JoinGroup } from '../../wire/apis/011-join-group.ts'
import { Heartbeat } from '../../wire/apis/012-heartbeat.ts'
import { LeaveGroup } from '../../wire/apis/013-leave-group.ts'
import { SyncGroup } from '../../wire/apis/014-sync-group.ts'
import { ConsumerGroupHeartbeat } from '../../wire/apis/068-consumer-group-heartbeat.ts'
import { ErrorCode } from '../../wire/error-codes.ts'
import { PARK, type Verdict } from '../session/verdict.ts'
import { answerTo, bodyOf } from './call.ts'
import type { Member } from './members.ts'
import type { Call, Rule, Rules } from './rules.ts'
import { isStreamsConsumer } from './streams.ts'

/** How soon a member that gave up its partitions asks again, to be kept waiting then. */
const YIELDED_HEARTBEAT_MS = 500
/** For so long a member that was told may still be at committing. */
const SAYS_NOTHING_MS = 1_500

/**
 * Members of groups begin at the committed position on the other cluster, not at their own. Asked to give up their
 * partitions while the old one still serves, all clients commit first, and then wait in a request that is parked. All
 * but Kafka Streams: it keeps its tasks while it joins, and commits nothing until it has (its `TaskManager.commit`).
 */
export const groupRules: ReadonlyMap<number, Rule> = new Map<number, Rule>([
  [8, offsetCommit],
  [11, joinGroup],
  [12, heartbeat],
  [13, leaveGroup],
  [14, syncGroup],
  [68, consumerGroupHeartbeat],
])

/** Without leave it waits, but not for so long that the heartbeats behind it are missed: then it is to be repeated. */
function offsetCommit(call: Call, rules: Rules): Verdict | null {
  if (rules.atLeast('frozen')) return PARK
  const bar = rules.leaveBar()
  if (bar?.kind !== 'refuse') return bar === null ? null : PARK
  const errorCode = ErrorCode.COORDINATOR_LOAD_IN_PROGRESS
  const topics = bodyOf(OffsetCommit, call).topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
  }))
  return { kind: 'answer', frames: answerTo(OffsetCommit, call, { topics }) }
}

function joinGroup(call: Call, rules: Rules): Verdict | null {
  if (!rules.atLeast('yielding')) return null
  const { groupId, memberId } = bodyOf(JoinGroup, call)
  if (memberId !== '') seen(call, rules, groupId, memberId).state = 'yielded'
  return PARK
}

/** Known from its first request on: a switch may begin before it sends a heartbeat. */
function syncGroup(call: Call, rules: Rules): Verdict | null {
  if (rules.atLeast('frozen')) return PARK
  const { groupId, memberId } = bodyOf(SyncGroup, call)
  const member = seen(call, rules, groupId, memberId)
  if (isStreamsConsumer(call.session.clientId)) member.state = 'staying'
  return null
}

function heartbeat(call: Call, rules: Rules): Verdict | null {
  if (rules.atLeast('frozen')) return PARK
  const { groupId, memberId } = bodyOf(Heartbeat, call)
  const member = seen(call, rules, groupId, memberId)
  if (isStreamsConsumer(call.session.clientId)) member.state = 'staying'
  if (!rules.atLeast('yielding') || member.state === 'staying') return null
  if (rules.members.isGathering) return waitForOthers(member)
  member.state = 'told'
  const frames = answerTo(Heartbeat, call, { errorCode: ErrorCode.REBALANCE_IN_PROGRESS })
  return { kind: 'answer', frames }
}

function leaveGroup(call: Call, rules: Rules): Verdict | null {
  if (rules.atLeast('frozen')) return PARK
  const { groupId, memberId, members } = bodyOf(LeaveGroup, call)
  for (const id of [memberId, ...members.map((member) => member.memberId)]) rules.members.left(groupId, id)
  return null
}

function consumerGroupHeartbeat(call: Call, rules: Rules): Verdict | null {
  if (rules.atLeast('frozen')) return PARK
  const { groupId, memberId, memberEpoch, topicPartitions } = bodyOf(ConsumerGroupHeartbeat, call)
  if (memberEpoch < 0) {
    rules.members.left(groupId, memberId)
    return null
  }
  if (memberEpoch === 0) return joinConsumerGroup(call, rules, groupId, memberId)
  const member = seen(call, rules, groupId, memberId, 'consumer')
  if (member.state === 'returning') {
    member.state = 'working'
    return heartbeatAnswer(call, { errorCode: ErrorCode.UNKNOWN_MEMBER_ID })
  }
  if (!rules.atLeast('yielding')) return null
  if (member.state === 'yielded' || hasGivenUp(member, topicPartitions, rules.clock.now())) {
    member.state = 'yielded'
    return PARK
  }
  if (member.state !== 'told') {
    if (rules.members.isGathering) return waitForOthers(member)
    member.state = 'told'
    member.toldAt = rules.clock.now()
  }
  const nothing = { topicPartitions: [] }
  const timing = { heartbeatIntervalMs: YIELDED_HEARTBEAT_MS }
  return heartbeatAnswer(call, { memberId, memberEpoch, ...timing, assignment: nothing })
}

/**
 * A member that has committed and given up what it had says that it has nothing. Until then a heartbeat may come that
 * says nothing of it, as from one that never had anything.
 */
function hasGivenUp({ state, toldAt }: Member, has: readonly unknown[] | null, now: number): boolean {
  if (state !== 'told') return false
  return has === null ? now - toldAt > SAYS_NOTHING_MS : has.length === 0
}

function waitForOthers(member: Member): Verdict {
  member.state = 'asking'
  return PARK
}

/** A member that joins has no partitions yet, so it gives none up; from now on it may have some. */
function joinConsumerGroup(call: Call, rules: Rules, groupId: string, memberId: string): Verdict | null {
  const isLate = rules.atLeast('yielding')
  // Before version 1 the broker gives it its id.
  if (memberId !== '') seen(call, rules, groupId, memberId, 'consumer').state = isLate ? 'yielded' : 'working'
  return isLate ? PARK : null
}

function heartbeatAnswer(
  call: Call,
  body: Parameters<typeof ConsumerGroupHeartbeat.response.encode>[1],
): Verdict {
  return { kind: 'answer', frames: answerTo(ConsumerGroupHeartbeat, call, body) }
}

function seen(
  call: Call,
  rules: Rules,
  group: string,
  id: string,
  protocol: 'classic' | 'consumer' = 'classic',
) {
  return rules.members.seen(group, id, protocol, call.session, rules.clock.now())
}
