import type { LinkOverview } from '../../../src/fleet/run/fleet-status.ts'
import type { JavaClient, Ranges } from '../../harness/java/client.ts'
import { waitUntil } from '../../harness/wait.ts'
import { type SideName, sideNames, type World } from '../world/world.ts'
import { isCompacted, type TopicName, topics } from '../world/writers.ts'
import { type Anomaly, anomaliesOf, differencesOf, type Journal } from './anomalies.ts'

/**
 * I11: after the faults have stopped, without a hand's help. Half-open connections alone cost 30 to 60 s. A machine
 * that is busy with other work copies slowly: as long as anything comes, it is given more time.
 */
const HEAL_MS = 240_000
const HEAL_SLOWLY_MS = 600_000
const GROUP = 'readers'
const GROUP_TOPIC: TopicName = 'ordered'
const GROUP_RECORDS = 50

/** Offsets by partition, by topic. */
export type Ends = Readonly<Record<TopicName, Readonly<Record<string, number>>>>

/** Ends everything that is wrong and waits until the link has copied what the source holds now; gives those ends. */
export async function settle(world: World): Promise<Ends> {
  for (const side of sideNames) for (const proxy of world[side].proxies) proxy.heal()
  for (const side of sideNames) await world[side].cluster.awaitWhole(HEAL_SLOWLY_MS)
  const ends = await endsOf(world, 'source')
  let seen: unknown
  let least = { lacking: Number.POSITIVE_INFINITY, at: Date.now() }
  const isInStep = async () => {
    const statuses = await Promise.all(world.kmcs.map((kmc) => kmc.status()))
    const here = await endsOf(world, 'destination')
    const lacking = lackingOf(ends, here)
    seen = { lacking, ends, here, statuses }
    if (lacking < least.lacking) least = { lacking, at: Date.now() }
    if (Date.now() - least.at > HEAL_MS) return { healed: false }
    return lacking === 0 && statuses.every(isWell) ? { healed: true } : null
  }
  const options = { withinMs: HEAL_SLOWLY_MS, everyMs: 500, lastSeen: () => seen }
  const { healed } = await waitUntil('the link heals', isInStep, options)
  if (!healed) throw new Error(`nothing more has come for ${HEAL_MS} ms; last seen: ${JSON.stringify(seen)}`)
  return ends
}

/** Offsets that the mirrors do not hold yet. */
function lackingOf(ends: Ends, here: Ends): number {
  const lacking = topics.flatMap((topic) =>
    Object.entries(ends[topic]).map(([partition, end]) => Math.max(0, end - (here[topic][partition] ?? 0))),
  )
  return lacking.reduce((sum, count) => sum + count, 0)
}

function isWell(link: LinkOverview | null): boolean {
  if (link?.state !== 'active' || link.fault !== null) return false
  return link.mirrors.every(({ state, fault }) => state === 'active' && fault === null)
}

/** Where committed records end at the source; where the log ends at the destination. */
async function endsOf({ java, ...sides }: World, side: SideName): Promise<Ends> {
  const isolation = side === 'source' ? 'read_committed' : 'read_uncommitted'
  const { access } = sides[side].cluster
  const ends = await Promise.all(
    topics.map(async (topic) => [topic, endsIn(await java.ranges(access, topic, isolation))] as const),
  )
  return Object.fromEntries(ends) as Ends
}

function endsIn(ranges: Ranges): Record<string, number> {
  return Object.fromEntries(Object.entries(ranges).map(([partition, [, end]]) => [partition, end]))
}

/** Compares what came between two settlings, offset by offset, with foreign readers. */
export async function compareStretch(
  { java, source, destination }: World,
  from: Ends | null,
  to: Ends,
): Promise<{ readonly records: number; readonly anomalies: readonly Anomaly[] }> {
  const anomalies: Anomaly[] = []
  let records = 0
  for (const topic of topics) {
    // What a cleaner has removed by now differs on both sides; that topic is judged at the end.
    if (isCompacted(topic)) continue
    const stretch = { from: from?.[topic] ?? {}, to: to[topic] }
    const there = await java.scan(source.cluster.access, topic, stretch)
    const here = await java.scan(destination.cluster.access, topic, stretch)
    records += there.length
    anomalies.push(...differencesOf({ topic, isCompacted: false, source: there, destination: here }))
  }
  return { records, anomalies }
}

/**
 * The whole of every topic, with what its writers know, at both isolation levels of the mirror: nothing that a mirror
 * holds is ever in doubt.
 */
export async function compareAll(
  { java, source, destination }: World,
  journals: readonly Journal[],
): Promise<{ readonly records: number; readonly anomalies: readonly Anomaly[] }> {
  const anomalies: Anomaly[] = []
  let records = 0
  for (const topic of topics) {
    const there = await java.scan(source.cluster.access, topic)
    for (const isolation of ['read_committed', 'read_uncommitted'] as const) {
      const here = await java.scan(destination.cluster.access, topic, { isolation })
      const observed = { topic, isCompacted: isCompacted(topic), source: there, destination: here }
      anomalies.push(...anomaliesOf(observed, journals))
    }
    records += there.length
  }
  return { records, anomalies }
}

/** Reads on as a group at the source, and waits until its positions are the same at the destination. */
export async function moveGroup({ java, source, destination }: World): Promise<void> {
  const read = () => consumeSome(java, source.cluster.access)
  await waitUntil('the group reads', read, { withinMs: HEAL_MS, everyMs: 1_000 })
  let seen: unknown
  const isInStep = async () => {
    const there = await offsetsOf(java, source.cluster.access)
    const here = await offsetsOf(java, destination.cluster.access)
    seen = { there, here }
    return JSON.stringify(there) === JSON.stringify(here)
  }
  const options = { withinMs: HEAL_MS, everyMs: 1_000, lastSeen: () => seen }
  await waitUntil('the positions of the group are the same on both sides', isInStep, options)
}

type Access = Parameters<JavaClient['positions']>[0]

async function consumeSome(java: JavaClient, access: Access): Promise<boolean> {
  await java.consume(access, GROUP, [GROUP_TOPIC], { count: GROUP_RECORDS })
  return true
}

async function offsetsOf(java: JavaClient, access: Access): Promise<[string, number][]> {
  const positions = await java.positions(access, GROUP)
  return Object.entries(positions)
    .map(([at, { offset }]): [string, number] => [at, offset])
    .sort()
}
