import type { MetadataResponse, MetadataResponseTopic } from '../wire/apis/003-metadata.ts'
import { ErrorCode } from '../wire/error-codes.ts'
import type { Address } from './address.ts'

export type Broker = Address & { readonly nodeId: number; readonly rack: string | null }

export type PartitionMetadata = {
  readonly partition: number
  /** -1 when nobody leads it. */
  readonly leader: number
  readonly leaderEpoch: number
  readonly replicas: readonly number[]
  readonly isr: readonly number[]
  readonly offline: readonly number[]
  readonly errorCode: number
}

export type TopicMetadata = {
  readonly name: string
  /** 22 characters base64url; zeros where the broker has none. */
  readonly topicId: string
  readonly isInternal: boolean
  /** By partition number, ascending. */
  readonly partitions: readonly PartitionMetadata[]
}

export function isLeaderless({ leader }: Pick<PartitionMetadata, 'leader'>): boolean {
  return leader < 0
}

/** Whether a replica is not in sync. */
export function isUnderReplicated({ isr, replicas }: Pick<PartitionMetadata, 'isr' | 'replicas'>): boolean {
  return isr.length < replicas.length
}

/** Kafka's own, and what tools keep for themselves: kmc does, and Connect and others may. */
export function isInternalTopic({ name, isInternal }: TopicMetadata): boolean {
  return isInternal || name.startsWith('__')
}

/** What a metadata request asked for: every topic, or these. */
export type MetadataScope = 'all' | ReadonlySet<string>

/** What is known of a cluster. Pure: answers of brokers go in, look-ups come out, nothing is asked from here. */
export class MetadataCache {
  readonly #brokers = new Map<number, Broker>()
  readonly #topics = new Map<string, TopicMetadata>()
  /** Why a topic that was asked for is not known: the broker's error code. */
  readonly #faults = new Map<string, number>()
  #controllerId = -1
  #latest: { readonly response: MetadataResponse; readonly scope: MetadataScope } | null = null

  get brokers(): readonly Broker[] {
    return [...this.#brokers.values()]
  }

  /** The broker to send controller requests to; -1 when it is not known. With KRaft any broker forwards them. */
  get controllerId(): number {
    return this.#controllerId
  }

  get topics(): readonly TopicMetadata[] {
    return [...this.#topics.values()]
  }

  broker(nodeId: number): Broker | undefined {
    return this.#brokers.get(nodeId)
  }

  topic(name: string): TopicMetadata | undefined {
    return this.#topics.get(name)
  }

  /**
   * Why a topic is not known: the code of the broker's last answer about it, UNKNOWN_TOPIC_OR_PARTITION without
   * one.
   */
  faultOf(topic: string): number {
    return this.#faults.get(topic) ?? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
  }

  partition(topic: string, partition: number): PartitionMetadata | undefined {
    const known = this.#topics.get(topic)?.partitions
    const guess = known?.[partition]
    return guess?.partition === partition ? guess : known?.find((entry) => entry.partition === partition)
  }

  /** The broker that leads a partition, as far as is known; null when none does. */
  leaderOf(topic: string, partition: number): number | null {
    const leader = this.partition(topic, partition)?.leader ?? -1
    return leader < 0 ? null : leader
  }

  /** Takes a whole answer in. Topics of the scope that the answer lacks or does not know are forgotten. */
  apply(response: MetadataResponse, scope: MetadataScope): void {
    // The very answer of before: leaders that were named since are newer (`noteLeader`), and stay.
    if (this.#latest?.response === response && this.#latest.scope === scope) return
    this.#latest = { response, scope }
    this.#brokers.clear()
    for (const { nodeId, host, port, rack } of response.brokers)
      this.#brokers.set(nodeId, { nodeId, host, port, rack })
    this.#controllerId = response.controllerId
    const answers = new Map(response.topics.map((topic) => [topic.name, topic]))
    const asked = scope === 'all' ? [...this.#topics.keys(), ...this.#faults.keys()] : scope
    for (const name of asked) this.#forgetUnlessKnown(name, answers.get(name))
    for (const topic of response.topics) if (isKnown(topic)) this.#put(topic)
  }

  /** Takes in a leader that a Fetch or Produce answer named (KIP-951), unless something newer is known. */
  noteLeader(topic: string, partition: number, leader: number, leaderEpoch: number): void {
    const known = this.#topics.get(topic)
    const current = this.partition(topic, partition)
    if (known === undefined || current === undefined || !this.#brokers.has(leader)) return
    if (leaderEpoch <= current.leaderEpoch) return
    const changed = { ...current, leader, leaderEpoch, errorCode: 0 }
    const partitions = known.partitions.map((entry) => (entry === current ? changed : entry))
    this.#topics.set(topic, { ...known, partitions })
  }

  #forgetUnlessKnown(name: string, answer: MetadataResponseTopic | undefined): void {
    this.#faults.delete(name)
    if (isKnown(answer)) return
    this.#topics.delete(name)
    if (answer !== undefined) this.#faults.set(name, answer.errorCode)
  }

  #put(topic: MetadataResponseTopic & { name: string }): void {
    const before = this.#topics.get(topic.name)
    const isSameTopic = before?.topicId === topic.topicId
    const partitions = topic.partitions.map(toPartition).sort((a, b) => a.partition - b.partition)
    this.#topics.set(topic.name, {
      name: topic.name,
      topicId: topic.topicId,
      isInternal: topic.isInternal,
      // A broker may lag behind another: within one topic's life an older leader epoch says nothing new (KIP-320).
      partitions: partitions.map((entry) => {
        const known = isSameTopic ? before?.partitions[entry.partition] : undefined
        return known?.partition === entry.partition && known.leaderEpoch > entry.leaderEpoch ? known : entry
      }),
    })
  }
}

function isKnown(
  topic: MetadataResponseTopic | undefined,
): topic is MetadataResponseTopic & { name: string } {
  if (typeof topic?.name !== 'string') return false
  // LEADER_NOT_AVAILABLE at topic level still lists what there is; other errors mean that it cannot be seen.
  return topic.errorCode === ErrorCode.NONE || topic.errorCode === ErrorCode.LEADER_NOT_AVAILABLE
}

function toPartition(entry: MetadataResponseTopic['partitions'][number]): PartitionMetadata {
  return {
    partition: entry.partitionIndex,
    leader: entry.leaderId,
    leaderEpoch: entry.leaderEpoch,
    replicas: entry.replicaNodes,
    isr: entry.isrNodes,
    offline: entry.offlineReplicas,
    errorCode: entry.errorCode,
  }
}
