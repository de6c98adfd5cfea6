import { ConsumerProtocolAssignmentData } from '../../wire/data/consumer-protocol-assignment.ts'
import { ConsumerProtocolSubscriptionData } from '../../wire/data/consumer-protocol-subscription.ts'

/** What consumers of a classic group write to each other through the coordinator (ConsumerProtocol of Kafka). */
export const CONSUMER_PROTOCOL = 'consumer'

export type AssignedPartitions = { readonly topic: string; readonly partitions: readonly number[] }

const VERSION = 1
const VERSION_BYTES = 2

/** `round` goes where an assignor may keep data of its own: it makes the coordinator start a rebalance. */
export function encodeSubscription(topics: readonly string[], round: number): Buffer {
  const userData = Buffer.alloc(4)
  userData.writeInt32BE(round)
  return versioned(ConsumerProtocolSubscriptionData.encode(VERSION, { topics, userData }))
}

/** The topics that a member wants; null where its bytes cannot be read. They come from another client. */
export function decodeSubscription(bytes: Buffer): readonly string[] | null {
  return decoded(ConsumerProtocolSubscriptionData, bytes)?.topics ?? null
}

export function encodeAssignment(assignedPartitions: readonly AssignedPartitions[]): Buffer {
  return versioned(ConsumerProtocolAssignmentData.encode(VERSION, { assignedPartitions }))
}

/** What a member has; null where its bytes cannot be read. They come from another client. */
export function decodeAssignment(bytes: Buffer): readonly AssignedPartitions[] | null {
  if (bytes.length === 0) return []
  const read = decoded(ConsumerProtocolAssignmentData, bytes)
  return read?.assignedPartitions.map(({ topic, partitions }) => ({ topic, partitions })) ?? null
}

type Codec<T> = { readonly table: { readonly max: number }; decode(version: number, bytes: Buffer): T }

function decoded<T>({ table, ...codec }: Codec<T>, bytes: Buffer): T | null {
  if (bytes.length < VERSION_BYTES) return null
  try {
    const version = Math.min(bytes.readInt16BE(0), table.max)
    return codec.decode(version, bytes.subarray(VERSION_BYTES))
  } catch {
    // Unreadable bytes are the affair of the client that wrote them.
    return null
  }
}

function versioned(body: readonly Buffer[]): Buffer {
  const version = Buffer.alloc(VERSION_BYTES)
  version.writeInt16BE(VERSION)
  return Buffer.concat([version, ...body])
}
