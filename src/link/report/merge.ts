import type {
  FaultCount,
  LinkBudget,
  LinkCounters,
  LinkStatus,
  MirrorStatus,
  PartitionStatus,
} from '../status.ts'
import { sumLag } from './lag.ts'

/**
 * One status of what several workers of a link tell: each partition as its own worker sees it, groups from the one
 * that leads, counters and rates of all together. At least one is needed.
 */
export function mergeStatuses(statuses: readonly LinkStatus[]): LinkStatus {
  const newest = Math.max(...statuses.map(({ generation }) => generation ?? 0))
  const current = statuses.filter(({ generation }) => (generation ?? 0) === newest)
  const leading = current.find(({ workers }) => workers.some(({ leads, self }) => leads && self))
  const base = leading ?? current[0] ?? statuses[0]!
  const own = ownPartitions(current)
  const mirrors = base.mirrors.map((mirror) => withOwn(mirror, own))
  const selves = new Set(
    statuses.flatMap(({ workers }) => workers.filter(({ self }) => self).map(({ name }) => name)),
  )
  const lags = mirrors.map(({ lag }) => lag)
  return {
    ...base,
    workers: base.workers.map((worker) => ({ ...worker, self: selves.has(worker.name) })),
    lag: lags.length === 0 ? base.lag : sumLag(lags, base.lag.at),
    fault: base.fault ?? statuses.find(({ fault }) => fault !== null)?.fault ?? null,
    mirrors,
    rate: {
      recordsPerSecond: total(statuses, ({ rate }) => rate.recordsPerSecond),
      bytesPerSecond: total(statuses, ({ rate }) => rate.bytesPerSecond),
    },
    counters: sumCounters(statuses.map(({ counters }) => counters)),
    budget: sumBudgets(statuses.flatMap(({ budget }) => budget ?? [])),
    faultCounts: sumFaultCounts(statuses.flatMap(({ faultCounts }) => faultCounts ?? [])),
  }
}

function sumFaultCounts(all: readonly FaultCount[]): FaultCount[] {
  return [...Map.groupBy(all, ({ code }) => code)].map(([code, group]) => ({
    code,
    count: total(group, ({ count }) => count),
    firstAt: Math.min(...group.map(({ firstAt }) => firstAt)),
    lastAt: Math.max(...group.map(({ lastAt }) => lastAt)),
    message: group.reduce((last, one) => (one.lastAt > last.lastAt ? one : last)).message,
  }))
}

function sumBudgets(all: readonly LinkBudget[]): LinkBudget | null {
  if (all.length === 0) return null
  const unlimited = all.some(({ bytesPerSecond }) => bytesPerSecond === null)
  return {
    bytesPerSecond: unlimited ? null : total(all, ({ bytesPerSecond }) => bytesPerSecond ?? 0),
    limited: all.some(({ limited }) => limited),
    limitedSeconds: Math.max(...all.map(({ limitedSeconds }) => limitedSeconds)),
    heldBytes: total(all, ({ heldBytes }) => heldBytes),
  }
}

function ownPartitions(statuses: readonly LinkStatus[]): Map<string, PartitionStatus> {
  const own = new Map<string, PartitionStatus>()
  for (const { workers, mirrors } of statuses) {
    const self = workers.find((worker) => worker.self)?.name
    if (self === undefined) continue
    for (const { topic, partitions } of mirrors) {
      for (const partition of partitions) {
        if (partition.worker === self) own.set(`${topic}/${partition.partition}`, partition)
      }
    }
  }
  return own
}

function withOwn(mirror: MirrorStatus, own: ReadonlyMap<string, PartitionStatus>): MirrorStatus {
  const partitions = mirror.partitions.map((seen) => own.get(`${mirror.topic}/${seen.partition}`) ?? seen)
  if (partitions.length === 0) return mirror
  const fault = mirror.fault ?? partitions.find((partition) => partition.fault !== null)?.fault ?? null
  const lags = partitions.map(({ lag }) => lag)
  const state = fault === null ? mirror.state : 'faulted'
  return { ...mirror, partitions, fault, state, lag: sumLag(lags, mirror.lag.at) }
}

function total<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((sum, item) => sum + value(item), 0)
}

function sumCounters(all: readonly LinkCounters[]): LinkCounters {
  return {
    records: total(all, ({ records }) => records),
    bytes: total(all, ({ bytes }) => bytes),
    fetchedBytes: total(all, ({ fetchedBytes }) => fetchedBytes),
    batches: total(all, ({ batches }) => batches),
    gapOffsets: total(all, ({ gapOffsets }) => gapOffsets),
    recutBatches: total(all, ({ recutBatches }) => recutBatches),
    mergedBatches: total(all, ({ mergedBatches }) => mergedBatches),
    recoveries: total(all, ({ recoveries }) => recoveries),
  }
}
