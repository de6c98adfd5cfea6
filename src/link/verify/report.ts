/** How one partition was compared, and what came out. Offsets are [from, to). */
export type PartitionVerdict = {
  readonly topic: string
  readonly mirror: string
  readonly partition: number
  readonly from: number
  readonly to: number
  /** `records`: every visible record; `latest`: the newest of every key, for compacted topics. */
  readonly compared: 'records' | 'latest'
  readonly records: number
  readonly equal: boolean
  /** The lowest offset at which the sides differ. */
  readonly firstDifference: number | null
  /** SHA-256 over the range digests of each side. */
  readonly sourceDigest: string
  readonly mirrorDigest: string
  /** Set when this partition could not be compared; `equal` is false then. */
  readonly problem: string | null
}

export type VerifyReport = {
  readonly link: string
  readonly equal: boolean
  readonly records: number
  readonly partitions: readonly PartitionVerdict[]
  readonly startedAt: number
  readonly finishedAt: number
}

export type VerifyProgress = {
  readonly partitionsDone: number
  readonly partitions: number
  readonly records: number
}
