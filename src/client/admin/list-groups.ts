import { ListGroups } from '../../wire/apis/016-list-groups.ts'
import { type BrokerFailure, perBroker } from '../broker-calls.ts'
import type { Cluster } from '../cluster.ts'
import { throwOnKafkaError } from '../errors.ts'
import type { CallOptions } from '../retry.ts'

/**
 * `classic`: JoinGroup; `consumer`: KIP-848; `share`: KIP-932; `streams`: KIP-1071. Others pass as the broker names
 * them.
 */
export type GroupType = 'classic' | 'consumer' | 'share' | 'streams' | (string & {})

export type ListedGroup = {
  readonly groupId: string
  /** `consumer` for consumers, `connect` for Connect workers, '' for groups that only commit offsets. */
  readonly protocolType: string
  /** Kafka's word: Stable, Empty, PreparingRebalance, CompletingRebalance, Assigning, Reconciling, Dead. */
  readonly state: string
  readonly type: GroupType
  readonly coordinator: number
}

export type ListGroupsOptions = CallOptions & {
  readonly states?: readonly string[]
  readonly types?: readonly GroupType[]
  /** The brokers to ask, which spares looking up which there are; default: every broker of the cluster. */
  readonly nodes?: readonly number[] | undefined
}

/** `failures`: coordinators that could not be asked; their groups are missing from `groups`. */
export type GroupListing = {
  readonly groups: readonly ListedGroup[]
  readonly failures: readonly BrokerFailure[]
}

/** States came with version 4 (KIP-518), types with version 5 (KIP-848). */
const STATES_FROM = 4
const TYPES_FROM = 5

/** Asks every broker for the groups it coordinates. */
export async function listGroups(cluster: Cluster, options: ListGroupsOptions = {}): Promise<GroupListing> {
  const { states = [], types = [], nodes, ...limits } = options
  const { answers, failures } = await perBroker(cluster, {
    ...limits,
    nodes,
    what: `groups of ${cluster.name}`,
    ask: async (node, rest) => {
      const connection = await cluster.connection(node, rest)
      if (states.length > 0) connection.versions.require(ListGroups, STATES_FROM)
      if (types.length > 0) connection.versions.require(ListGroups, TYPES_FROM)
      const answer = await connection.send(
        ListGroups,
        { statesFilter: [...states], typesFilter: [...types] },
        rest,
      )
      throwOnKafkaError(answer.errorCode, `groups of broker ${node} in ${cluster.name}`)
      return answer.groups
    },
  })
  const groups = answers.flatMap(({ node, value }) =>
    value.map(({ groupId, protocolType, groupState, groupType }) => ({
      groupId,
      protocolType,
      state: groupState,
      type: groupType === '' ? 'classic' : groupType.toLowerCase(),
      coordinator: node,
    })),
  )
  return { groups, failures }
}
