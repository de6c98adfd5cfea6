import type { Lane } from './connection-pool.ts'
import type { CallOptions } from './retry.ts'

export type TopicPartition = { readonly topic: string; readonly partition: number }

/** One partition's part of an answer that came from its leader, error code and all. */
export type PartitionAnswer = TopicPartition & { readonly errorCode: number }

/** For calls to one broker, made once: the caller deals with error codes and lost answers. */
export type NodeCall = CallOptions & { readonly node: number; readonly lane?: Lane | undefined }

/** The name of a partition in messages. */
export function partitionName({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`
}
