/** First level of metadata.version of each Kafka release (KIP-778), as Kafka's own `version-mapping` tells them. */
const firstLevels: readonly (readonly [level: number, release: string])[] = [
  [30, '4.3'],
  [28, '4.2'],
  [26, '4.1'],
  [22, '4.0'],
  [21, '3.9'],
  [20, '3.8'],
  [15, '3.7'],
  [12, '3.6'],
  [9, '3.5'],
  [8, '3.4'],
  [7, '3.3'],
]
const NEWEST_LEVEL = 30

/**
 * The release whose features a KRaft cluster uses, from the level of `metadata.version`: `4.3`, `4.3 or newer` beyond
 * what is known here; null with ZooKeeper (level 0).
 */
export function releaseOf(level: number): string | null {
  if (level <= 0) return null
  if (level > NEWEST_LEVEL) return `${firstLevels[0]![1]} or newer`
  return firstLevels.find(([first]) => level >= first)?.[1] ?? 'older than 3.3'
}
