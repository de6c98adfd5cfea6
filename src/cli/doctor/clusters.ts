import { KmcError } from '../../base/error.ts'
import { describeCluster } from '../../client/admin/describe-cluster.ts'
import { describeQuorum } from '../../client/admin/quorum.ts'
import { listTopics } from '../../client/admin/topics.ts'
import { perBroker } from '../../client/broker-calls.ts'
import { Cluster } from '../../client/cluster.ts'
import type { ClusterConfig } from '../../client/config.ts'
import { isClientError } from '../../client/errors.ts'
import { isLeaderless, isUnderReplicated } from '../../client/metadata.ts'
import type { Outcome } from '../../client/outcome.ts'
import { ApiVersions } from '../../wire/apis/018-api-versions.ts'
import { releaseOf } from '../kafka-release.ts'
import { formatDuration } from '../terminal/units.ts'
import { type Finding, failed, fromError, ok, warning } from './finding.ts'

const LOOK_LIMIT_MS = 15_000
const BROKER_LIMIT_MS = 5_000
const LATENCY_SAMPLES = 5
/** Lag in seconds and "from a time on" are wrong by the difference of the clocks. */
const CLOCK_SKEW_MAX_MS = 1_000

/** Whether a cluster answers, how fast, and whether everything in it is in service. */
export async function clusterFindings(
  name: string,
  access: Outcome<ClusterConfig>,
  signal: AbortSignal,
): Promise<Finding[]> {
  const check = `cluster ${name}`
  if (!access.ok) {
    const isStopped = access.error.code === 'CLUSTER_NOT_RUNNING'
    return [fromError(check, access.error, isStopped ? 'warning' : 'failed')]
  }
  const limits = {
    signal: AbortSignal.any([signal, AbortSignal.timeout(LOOK_LIMIT_MS)]),
    timeoutMs: LOOK_LIMIT_MS,
  }
  try {
    await using cluster = await Cluster.connect(access.value, limits)
    const found = await Promise.all([
      reached(check, cluster, limits.signal),
      brokersFinding(`brokers of ${name}`, cluster, limits.signal),
      clockFinding(`clock of ${name}`, cluster, limits.signal),
      partitionsFinding(`partitions of ${name}`, cluster, limits.signal),
    ])
    return found.filter((finding) => finding !== null)
  } catch (error) {
    if (!(error instanceof KmcError)) throw error
    return [fromError(check, error)]
  }
}

async function reached(check: string, cluster: Cluster, signal: AbortSignal): Promise<Finding> {
  const samples: number[] = []
  for (let index = 0; index < LATENCY_SAMPLES; index += 1) {
    const began = performance.now()
    await cluster.request(ApiVersions, {}, { node: 'any', signal, version: 0 })
    samples.push(performance.now() - began)
  }
  const latencyMs = samples.sort((a, b) => a - b)[Math.floor(LATENCY_SAMPLES / 2)]!
  const { versions } = await cluster.connection('any', { signal })
  const release = releaseOf(versions.featureLevel('metadata.version'))
  const { brokers } = cluster.metadata
  const kafka = release === null ? 'Kafka with ZooKeeper' : `Kafka ${release}`
  const how = [
    cluster.config.tls === undefined ? 'no TLS' : 'TLS',
    cluster.config.sasl === undefined ? 'no sign-in' : cluster.config.sasl.mechanism,
  ].join(', ')
  const detail = `${kafka}, brokers: ${brokers.length}, answers in ${latencyText(latencyMs)} (${how})`
  return ok(check, detail, { clusterId: cluster.clusterId, release, brokers: brokers.length, latencyMs })
}

function latencyText(latencyMs: number): string {
  return latencyMs < 10 ? `${latencyMs.toFixed(1)} ms` : formatDuration(latencyMs)
}

/** Every broker at the address that it advertises: the usual trouble is one that only the first can be reached at. */
async function brokersFinding(check: string, cluster: Cluster, signal: AbortSignal): Promise<Finding> {
  const { failures } = await perBroker(cluster, {
    what: 'brokers',
    signal,
    timeoutMs: BROKER_LIMIT_MS,
    ask: async (node, limits) => await cluster.request(ApiVersions, {}, { node, version: 0, ...limits }),
  })
  const [first] = failures
  if (first !== undefined) {
    const nodes = failures.map(({ node }) => node)
    const remedy = 'Make the addresses of advertised.listeners reachable from here.'
    return failed(check, `not reached: ${nodes.join(', ')}: ${first.error.message}`, remedy, {
      unreached: nodes,
    })
  }
  const { brokers } = await describeCluster(cluster, { signal })
  const fenced = brokers.filter(({ isFenced }) => isFenced).map(({ nodeId }) => nodeId)
  if (fenced.length > 0) {
    const remedy = 'A fenced broker is registered and not in service: look at its log.'
    return warning(check, `fenced: ${fenced.join(', ')}`, remedy, { fenced })
  }
  return ok(check, `all ${brokers.length} reached`, { brokers: brokers.map(({ nodeId }) => nodeId) })
}

/** The active controller tells its own time in the quorum's state (KRaft); null with ZooKeeper. */
async function clockFinding(check: string, cluster: Cluster, signal: AbortSignal): Promise<Finding | null> {
  const askedMs = Date.now()
  try {
    const { leaderId, voters } = await describeQuorum(cluster, { signal })
    const theirMs = voters.find(({ nodeId }) => nodeId === leaderId)?.lastCaughtUpAtMs ?? null
    if (theirMs === null) return null
    const tripMs = Date.now() - askedMs
    const skewMs = Math.round(theirMs - (askedMs + tripMs / 2))
    const side = skewMs < 0 ? 'behind' : 'ahead of'
    const detail = `${Math.abs(skewMs)} ms ${side} this machine, ± ${Math.ceil(tripMs / 2)} ms`
    const facts = { skewMs, uncertaintyMs: tripMs / 2 }
    if (Math.abs(skewMs) - tripMs / 2 <= CLOCK_SKEW_MAX_MS) return ok(check, detail, facts)
    return warning(
      check,
      detail,
      'Synchronise the clocks (NTP): lag in seconds and searches by time are off by this.',
      facts,
    )
  } catch (error) {
    if (isClientError(error, 'UNSUPPORTED_BY_BROKER')) return null
    if (error instanceof KmcError) return fromError(check, error, 'warning')
    throw error
  }
}

async function partitionsFinding(check: string, cluster: Cluster, signal: AbortSignal): Promise<Finding> {
  const partitions = (await listTopics(cluster, { signal })).flatMap((topic) => topic.partitions)
  const leaderless = partitions.filter(isLeaderless).length
  const behind = partitions.filter(isUnderReplicated).length
  const facts = { partitions: partitions.length, leaderless, underReplicated: behind }
  if (leaderless > 0) {
    return failed(
      check,
      `${leaderless} of ${partitions.length} have no leader`,
      'Bring the brokers of their replicas back.',
      facts,
    )
  }
  if (behind > 0) {
    return warning(
      check,
      `${behind} of ${partitions.length} are under-replicated`,
      'Look at the brokers that lag behind.',
      facts,
    )
  }
  return ok(check, `all ${partitions.length} in sync`, facts)
}
