import type { BrokerNode } from './broker-node.ts'

/** A broker as an operator sees it. */
export type NodeStatus = {
  readonly id: number
  readonly address: string
  /** `waiting`: it ended by itself and is about to be started again. */
  readonly state: 'stopped' | 'starting' | 'running' | 'waiting' | 'stopping' | 'failed'
  readonly pid: number | null
  /** Times it was started again by itself. */
  readonly restarts: number
  /** Why it waits or has failed. */
  readonly reason: string | null
  readonly log: string
}

/** A managed cluster as a whole. `degraded`: it is up but at least one of its brokers does not work. */
export type ClusterState = {
  readonly name: 'stopped' | 'starting' | 'running' | 'degraded' | 'stopping' | 'failed'
  readonly reason: string | null
}

export type ClusterPhase = 'stopped' | 'starting' | 'up' | 'stopping'

export function nodeStatusOf(broker: BrokerNode): NodeStatus {
  const { node, address, process, paths } = broker
  const { state, restarts, pid } = process
  const reason = 'reason' in state ? state.reason : null
  return { id: node.id, address, state: state.name, pid: pid ?? null, restarts, reason, log: paths.serverLog }
}

/** The state of the whole from what the operator asked for and what the brokers do. */
export function clusterStateOf(
  phase: ClusterPhase,
  nodes: readonly Pick<NodeStatus, 'id' | 'state' | 'reason'>[],
  failure: string | undefined,
): ClusterState {
  if (phase === 'stopped' && failure !== undefined) return { name: 'failed', reason: failure }
  if (phase !== 'up') return { name: phase, reason: null }
  const away = nodes.filter(({ state }) => state !== 'running')
  if (away.length === 0) return { name: 'running', reason: null }
  const reason = away
    .map((node) => `broker ${node.id} is ${node.state}${node.reason === null ? '' : `: ${node.reason}`}`)
    .join('; ')
  const allFailed = away.length === nodes.length && away.every(({ state }) => state === 'failed')
  return { name: allFailed ? 'failed' : 'degraded', reason }
}
