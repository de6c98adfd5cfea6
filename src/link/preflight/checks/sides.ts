import { noQuotaCommand } from '../commands.ts'
import type { Facts, SideFacts } from '../facts.ts'
import { bad, type FindingSide, good, type LinkFinding, warning } from '../findings.ts'

/** Below Kafka 3.9 (metadata.version level 21) nothing was tried. */
const METADATA_LEVEL_MIN = 21
const CLOCK_MAX_MS = 5_000

/** Two clusters that are the ones meant, that serve what is asked of them, with clocks that agree. */
export function checkSides(
  facts: Pick<Facts, 'link' | 'source' | 'destination' | 'recordedSource'>,
): LinkFinding[] {
  const { source, destination } = facts
  return [
    ...(['source', 'destination'] as const).flatMap((side) => sideFindings(side, facts[side])),
    ...identity(facts),
    ...clocks(source, destination),
    ...(['source', 'destination'] as const).flatMap((side) => quotaFindings(side, facts[side])),
  ]
}

function sideFindings(side: Exclude<FindingSide, 'both'>, facts: SideFacts): LinkFinding[] {
  const { name: subject, clusterId, brokers, metadataLevel, missingApis } = facts
  const level = metadataLevel > 0 ? `metadata.version level ${metadataLevel}` : 'ZooKeeper'
  const what = `cluster ${clusterId}, ${brokers} brokers, ${level}`
  const findings = [good('CLUSTER_REACHED', { side, subject, what })]
  if (!missingApis.told) {
    const text = `the requests that brokers of ${subject} serve could not be found out: ${missingApis.why}`
    return [...findings, warning('NOT_FOUND_OUT', { side, subject, what: text })]
  }
  const remedy = 'Run Kafka 3.9 or newer there, on every broker.'
  const lacking = missingApis.value.filter(({ apis }) => apis.length > 0)
  for (const { node, apis } of lacking) {
    const text = `broker ${node} of ${subject} does not serve ${apis.join(', ')}`
    findings.push(bad('API_MISSING', { side, subject: `broker ${node}`, what: text, remedy }))
  }
  if (lacking.length > 0) return findings
  const isOld = metadataLevel > 0 && metadataLevel < METADATA_LEVEL_MIN
  const served = `all ${missingApis.value.length} brokers serve what the link asks for`
  const finding = isOld
    ? warning('APIS_SERVED', { side, subject, what: `${served}, but they are older than Kafka 3.9`, remedy })
    : good('APIS_SERVED', { side, subject, what: served })
  return [...findings, finding]
}

function identity({
  link,
  source,
  destination,
  recordedSource,
}: Parameters<typeof checkSides>[0]): LinkFinding[] {
  if (source.clusterId === destination.clusterId) {
    const what = `${source.name} and ${destination.name} are one cluster, ${source.clusterId}`
    const remedy = 'Give the link two clusters: the addresses of its `from` and `to` lead to one.'
    return [bad('ONE_CLUSTER', { side: 'both', subject: link, what, remedy })]
  }
  if (recordedSource === null || recordedSource === source.clusterId) return []
  const what = `the link was made for cluster ${recordedSource}, ${source.name} is ${source.clusterId}`
  const remedy = 'Name the link differently, or delete the old one first; its mirrors stay.'
  const command = `kmc link delete ${link}`
  return [bad('SOURCE_REPLACED', { side: 'source', subject: source.name, what, remedy, command })]
}

/** Both clocks were held against this machine's, so that they can be held against each other. */
function clocks(source: SideFacts, destination: SideFacts): LinkFinding[] {
  if (!source.clock.told || !destination.clock.told) return []
  const least = Math.max(
    source.clock.value.leastMs - destination.clock.value.mostMs,
    destination.clock.value.leastMs - source.clock.value.mostMs,
  )
  if (least < CLOCK_MAX_MS) return []
  const what = `the clocks of ${source.name} and ${destination.name} differ by ${(least / 1000).toFixed(1)} s or more`
  const remedy = 'Let NTP keep the clocks of all brokers.'
  return [warning('CLOCKS_DIFFER', { side: 'both', subject: source.name, what, remedy })]
}

function quotaFindings(
  side: Exclude<FindingSide, 'both'>,
  { name, access, quotas }: SideFacts,
): LinkFinding[] {
  if (!quotas.told) return []
  const relevant = side === 'source' ? ['consumer_byte_rate'] : ['producer_byte_rate', 'consumer_byte_rate']
  return relevant.flatMap((key) => {
    const value = quotas.value.limits[key]
    if (value === undefined) return []
    const what = `${name} holds ${access.principal} to ${key}=${value}`
    const remedy = 'Raise the quota or take it away, or leave it when that is the speed you want.'
    const details = { side, subject: access.principal, what, remedy } as const
    // The default of all users is not the link's to change: a quota of its own overrules it.
    return [
      warning(
        'THROTTLED',
        quotas.value.areOwn ? { ...details, command: noQuotaCommand(access, key) } : details,
      ),
    ]
  })
}
