import { type AclOperation, aclOperations } from '../../../client/admin/acl-codes.ts'
import type { Cluster } from '../../../client/cluster.ts'
import { Metadata } from '../../../wire/apis/003-metadata.ts'
import { DescribeGroups } from '../../../wire/apis/015-describe-groups.ts'
import { ErrorCode, errorOf } from '../../../wire/error-codes.ts'
import { known, type Rights, type Told, unknown } from '../facts.ts'
import { tell } from './tell.ts'

/** Brokers say with their answers what the asking principal may do (KIP-430); this number says that they do not. */
const NOT_SAID = -(2 ** 31)
const OPERATION_CODE_MAX = 31
const TOPICS_AT_ONCE = 500
const LIMITS = { timeoutMs: 10_000 }
/** From version 6 on a group that does not exist has no answer that could carry rights (KIP-1043). */
const DESCRIBE_GROUPS_VERSION = 5

/** What the principal may do with topics, whether they exist or not; in the order of the names. */
export async function topicRights(cluster: Cluster, names: readonly string[]): Promise<Told<Rights>[]> {
  const found = new Map<string, Told<Rights>>()
  for (let at = 0; at < names.length; at += TOPICS_AT_ONCE) {
    const part = names.slice(at, at + TOPICS_AT_ONCE)
    const answer = await tell(() => askTopics(cluster, part))
    if (!answer.told) for (const name of part) found.set(name, answer)
    else for (const [name, rights] of answer.value) found.set(name, rights)
  }
  return names.map((name) => found.get(name) ?? unknown('the broker did not answer for it'))
}

async function askTopics(cluster: Cluster, names: readonly string[]): Promise<Map<string, Told<Rights>>> {
  const body = {
    topics: names.map((name) => ({ name })),
    allowAutoTopicCreation: false,
    includeTopicAuthorizedOperations: true,
  }
  const { topics } = await cluster.request(Metadata, body, { node: 'any', ...LIMITS })
  return new Map(
    topics.map(({ name, errorCode, topicAuthorizedOperations }) => {
      // Without DESCRIBE there is neither READ nor WRITE, DELETE or ALTER: each of them implies it.
      const isHidden = errorCode === ErrorCode.TOPIC_AUTHORIZATION_FAILED
      return [name ?? '', isHidden ? known<Rights>(new Set()) : rightsOf(topicAuthorizedOperations)] as const
    }),
  )
}

/** The same for groups. */
export function groupRights(cluster: Cluster, groups: readonly string[]): Promise<Told<Rights>[]> {
  return Promise.all(groups.map((group) => groupRight(cluster, group)))
}

async function groupRight(cluster: Cluster, group: string): Promise<Told<Rights>> {
  const read = await tell(async () => {
    const node = await cluster.coordinator('group', group, LIMITS)
    const body = { groups: [group], includeAuthorizedOperations: true }
    const route = { node, version: DESCRIBE_GROUPS_VERSION, ...LIMITS }
    const [answer] = (await cluster.request(DescribeGroups, body, route)).groups
    return answer!
  })
  if (!read.told) return read.why === 'GROUP_AUTHORIZATION_FAILED' ? known(new Set()) : read
  const { errorCode, authorizedOperations } = read.value
  if (errorCode === ErrorCode.GROUP_AUTHORIZATION_FAILED) return known(new Set())
  return errorCode === ErrorCode.NONE ? rightsOf(authorizedOperations) : unknown(errorOf(errorCode).name)
}

function rightsOf(bits: number): Told<Rights> {
  if (bits === NOT_SAID) return unknown('the broker does not say')
  const rights = new Set<AclOperation>()
  for (let code = 0; code < OPERATION_CODE_MAX; code++) {
    const operation = (bits >>> code) & 1 ? aclOperations.word(code) : null
    if (operation !== null && operation !== 'any') rights.add(operation)
  }
  return known(rights)
}
