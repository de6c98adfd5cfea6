import type { KmcError } from '../../base/error.ts'
import type { TopicPartition } from '../port.ts'
import type { GroupPositions, Position } from './position.ts'

/** One group's positions, or why they could not be read: one refused group must not hold back the others. */
export type GroupAnswer = GroupPositions | { readonly group: string; readonly error: KmcError }

/** Where positions are read. */
export type GroupSource = {
  /** Names of all groups that keep positions. */
  list(): Promise<readonly string[]>
  positions(groups: readonly string[]): Promise<readonly GroupAnswer[]>
  /** High watermarks of all partitions given; a partition that does not answer is a rejection. */
  highWatermarks(partitions: readonly TopicPartition[]): Promise<readonly number[]>
}

/** Where they are written. */
export type GroupDestination = {
  positions(groups: readonly string[]): Promise<readonly GroupAnswer[]>
  /** The groups of those given that have members now, and so must not be moved. */
  active(groups: readonly string[]): Promise<ReadonlySet<string>>
  /** Commits without a member: the broker itself refuses it for a group that has members. */
  commit(group: string, positions: readonly Position[]): Promise<readonly CommitRefusal[]>
}

/** What the link wrote last, kept beyond a worker: it tells a position that somebody moved. */
export type GroupMemory = {
  /** Offsets by group and by `mirror-partition`. */
  load(): Promise<ReadonlyMap<string, ReadonlyMap<string, number>>>
  save(groups: ReadonlyMap<string, readonly Position[]>): Promise<void>
}

export type CommitRefusal = TopicPartition & { readonly errorCode: number }
