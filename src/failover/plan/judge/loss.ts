import { isReleased } from '../../../link/mirrors/life.ts'
import { sumKnown } from '../../../link/report/lag.ts'
import type { MirrorRecord } from '../../../link/state/records.ts'
import type { FailoverKind } from '../../run/course.ts'
import type { LogFacts, PlanFacts, SideFacts } from '../facts.ts'
import type { Amount, PartitionForecast, TopicForecast } from '../plan.ts'

const nothing: Amount = { records: 0, bytes: 0, seconds: 0 }
const notKnown: Amount = { records: null, bytes: null, seconds: null }

/** What each mirror lacks now, and what becomes of that: a switchover waits for it, a failover loses it. */
export function forecastTopics(facts: PlanFacts, kind: FailoverKind): TopicForecast[] {
  return mirrorsOf(facts).map((record) => forecastTopic(facts, kind, record))
}

/** Mirrors that the link still keeps. */
export function mirrorsOf({ link }: Pick<PlanFacts, 'link'>): MirrorRecord[] {
  const all = link.told ? (link.value?.mirrors ?? []) : []
  const kept = all.filter(({ state }) => !isReleased(state))
  return kept.sort((a, b) => (a.topic < b.topic ? -1 : 1))
}

/** Records and bytes add up, seconds is the worst; one that is not known makes the whole unknown. */
export function total(amounts: readonly Amount[]): Amount {
  const seconds = amounts.map((amount) => amount.seconds)
  return {
    records: sumKnown(amounts.map(({ records }) => records)),
    bytes: sumKnown(amounts.map(({ bytes }) => bytes)),
    seconds: seconds.includes(null) ? null : Math.max(0, ...(seconds as number[])),
  }
}

function forecastTopic(facts: PlanFacts, kind: FailoverKind, record: MirrorRecord): TopicForecast {
  const { topic, mirror, start } = record
  const [from, to] = [told(facts.from), told(facts.to)]
  const counts = [from?.topics.get(topic), to?.topics.get(mirror)].map((one) => one?.partitions ?? 0)
  const numbers = Array.from({ length: Math.max(start.length, ...counts) }, (_, partition) => partition)
  const partitions = numbers.map((partition) => forecastPartition(facts, kind, { topic, mirror, partition }))
  const newest = numbers.map((partition) => to?.logs.get(`${mirror}-${partition}`)?.newest ?? null)
  const known = newest.filter((at) => at !== null)
  return {
    topic,
    mirror,
    state: record.state,
    fault: faultOf(facts, record),
    lost: total(partitions.map(({ lost }) => lost)),
    drained: total(partitions.map(({ drained }) => drained)),
    newest: known.length === 0 ? null : Math.max(...known),
    partitions,
  }
}

function told(side: PlanFacts['from']): SideFacts | null {
  return side.told ? side.value : null
}

/** Damage outlives a worker in the record; other faults are what a worker says. */
function faultOf({ lastSeen }: PlanFacts, { topic, damage }: MirrorRecord): string | null {
  return damage[0]?.code ?? lastSeen?.faults.get(topic) ?? null
}

type Where = { readonly topic: string; readonly mirror: string; readonly partition: number }

function forecastPartition(facts: PlanFacts, kind: FailoverKind, where: Where): PartitionForecast {
  const { topic, mirror, partition } = where
  const here = told(facts.from)?.logs.get(`${topic}-${partition}`) ?? null
  const there = told(facts.to)?.logs.get(`${mirror}-${partition}`) ?? null
  const seen = facts.lastSeen?.ends.get(`${topic}-${partition}`) ?? null
  const sourceEnd = here?.end ?? seen?.end ?? null
  const seenAt = here !== null && here.end !== null ? facts.at : (seen?.at ?? null)
  const mirrorEnd = there?.end ?? null
  const isNow = here !== null && here.end !== null
  const seconds = isNow ? secondsBetween(here, there) : (seen?.lagSeconds ?? null)
  const amount = amountOf({
    sourceEnd,
    mirrorEnd,
    seconds,
    bytesPerOffset: densityOf(here) ?? densityOf(there),
  })
  const [lost, drained] = kind === 'failover' ? [amount, nothing] : [nothing, amount]
  return { partition, sourceEnd, seenAt, mirrorEnd, lost, drained }
}

type Gap = {
  readonly sourceEnd: number | null
  readonly mirrorEnd: number | null
  readonly seconds: number | null
  readonly bytesPerOffset: number | null
}

function amountOf({ sourceEnd, mirrorEnd, seconds, bytesPerOffset }: Gap): Amount {
  if (sourceEnd === null || mirrorEnd === null) return notKnown
  const records = Math.max(0, sourceEnd - mirrorEnd)
  if (records === 0) return nothing
  return { records, bytes: bytesPerOffset === null ? null : Math.round(records * bytesPerOffset), seconds }
}

function densityOf(log: LogFacts | null): number | null {
  if (log === null || log.bytes === null || log.start === null || log.end === null) return null
  return log.end > log.start ? log.bytes / (log.end - log.start) : null
}

/** How far the newest record there is behind the newest one here, by their own timestamps. */
function secondsBetween(here: LogFacts, there: LogFacts | null): number | null {
  if (here.newest === null || there === null || there.newest === null) return null
  return Math.max(0, here.newest - there.newest) / 1_000
}
