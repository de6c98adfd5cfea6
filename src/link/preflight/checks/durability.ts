import { settingCommand } from '../commands.ts'
import type { Facts, MirrorTopic, ReplicaFacts } from '../facts.ts'
import { bad, good, type LinkFinding, warning } from '../findings.ts'

const FREE_SHARE_MIN = 0.1

/** Whether mirrors and the topics that the link rests on take writes, and whether there is room for them. */
export function checkDurability(facts: Facts): LinkFinding[] {
  const { mirrors, state, internals, destination } = facts
  const rested = internals.map(({ name, present, minInsync }) => health(name, present, minInsync ?? 1))
  const findings = [
    ...[...mirrors, state].flatMap((mirror) => [...insync(mirror, facts), ...ownHealth(mirror)]),
    ...rested.flat(),
    ...disks(facts),
  ]
  if (findings.some(({ severity }) => severity === 'error')) return findings
  const what = `${mirrors.length} mirrors and the topics that ${destination.name} keeps for itself take writes`
  return [...findings, good('REPLICAS_HEALTHY', { side: 'destination', subject: destination.name, what })]
}

function minInsyncOf({ settings }: MirrorTopic): number | null {
  const value = settings.told ? settings.value.effective['min.insync.replicas'] : undefined
  return value === undefined ? null : Number(value)
}

/** More replicas in sync asked for than there are replicas: never cured by waiting. */
function insync(mirror: MirrorTopic, { destination }: Facts): LinkFinding[] {
  const minInsync = minInsyncOf(mirror)
  if (minInsync === null || mirror.present === null || minInsync <= mirror.present.replicationFactor)
    return []
  const { replicationFactor } = mirror.present
  const what = `${mirror.name} asks for ${minInsync} replicas in sync and has ${replicationFactor}`
  const remedy = 'Give the topic more replicas, or lower its min.insync.replicas.'
  const settings = { 'min.insync.replicas': String(replicationFactor) }
  const command = settingCommand(destination.access, { type: 'topics', name: mirror.name }, settings)
  return [bad('INSYNC_IMPOSSIBLE', { side: 'destination', subject: mirror.name, what, remedy, command })]
}

function ownHealth(mirror: MirrorTopic): LinkFinding[] {
  return health(mirror.name, mirror.present, minInsyncOf(mirror) ?? 1)
}

function health(name: string, present: ReplicaFacts | null, minInsync: number): LinkFinding[] {
  if (present === null) return []
  const { leaderless, inSyncMin, partitions, replicationFactor } = present
  const at = { side: 'destination', subject: name } as const
  const remedy = 'Bring the brokers back that hold the other replicas; the link goes on by itself.'
  if (leaderless > 0) {
    const what = `${leaderless} of ${partitions} partitions of ${name} have no leader`
    return [bad('INSYNC_MISSING', { ...at, what, remedy })]
  }
  // More than the topic can ever have is told as impossible.
  if (inSyncMin >= minInsync || minInsync > replicationFactor) return []
  const what = `${name} needs ${minInsync} replicas in sync, a partition has ${inSyncMin}`
  return [bad('INSYNC_MISSING', { ...at, what, remedy })]
}

/** What the mirrors will take is what their sources take, once for each replica. */
function disks({ sourceTopics, mirrors, destination }: Facts): LinkFinding[] {
  if (!destination.disks.told) return []
  const missing = new Set(mirrors.filter(({ present }) => present === null).map(({ topic }) => topic))
  const toCome = sourceTopics.filter(({ name }) => missing.has(name))
  const sizes = toCome.map(({ bytes }) => (bytes.told ? bytes.value : null))
  const bytes = sizes.some((size) => size === null)
    ? null
    : sizes.reduce<number>((sum, size) => sum + size!, 0)
  return destination.disks.value.flatMap(({ node, freeBytes, totalBytes }) => {
    if (freeBytes < 0 || totalBytes <= 0) return []
    const isTooSmall = bytes !== null && freeBytes < bytes
    if (!isTooSmall && freeBytes >= totalBytes * FREE_SHARE_MIN) return []
    const what = isTooSmall
      ? `broker ${node} has ${mib(freeBytes)} free, mirrors that are to be made may take ${mib(bytes)}`
      : `broker ${node} has ${mib(freeBytes)} of ${mib(totalBytes)} free`
    const remedy = 'Make room there before the link copies, or take fewer topics.'
    return [warning('DISK_SMALL', { side: 'destination', subject: `broker ${node}`, what, remedy })]
  })
}

function mib(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`
}
