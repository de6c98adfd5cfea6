import type { Load, Passage } from './passages.ts'
import { loads } from './passages.ts'

const GIB = 2 ** 30
const MIB = 2 ** 20

/** One load, medians over the rounds. */
export type LoadSummary = {
  readonly load: Load
  readonly directMibPerSecond: number
  readonly gatewayMibPerSecond: number
  /** Median of the share of direct in each round, as both had the same machine then. */
  readonly share: number
  readonly gatewayCpuPerGib: number
}

export function summarize(passages: readonly Passage[]): LoadSummary[] {
  return loads.flatMap((load) => {
    const mine = passages.filter((one) => one.load === load)
    const direct = mine.filter(({ way }) => way === 'direct')
    const pairs = mine.flatMap((gateway) => {
      const same = direct.find(({ round }) => round === gateway.round)
      return gateway.way === 'gateway' && same !== undefined ? [{ gateway, direct: same }] : []
    })
    if (pairs.length === 0) return []
    return {
      load,
      directMibPerSecond: median(pairs.map((pair) => speedOf(pair.direct))),
      gatewayMibPerSecond: median(pairs.map((pair) => speedOf(pair.gateway))),
      share: median(pairs.map((pair) => speedOf(pair.gateway) / speedOf(pair.direct))),
      gatewayCpuPerGib: median(pairs.map(({ gateway }) => (gateway.gatewayCpuSeconds * GIB) / gateway.bytes)),
    }
  })
}

function speedOf({ bytes, seconds }: Passage): number {
  return bytes / MIB / seconds
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
