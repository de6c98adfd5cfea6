import type { Log } from '../../../base/log.ts'
import { listTopics } from '../../../client/admin/topics.ts'
import type { Cluster } from '../../../client/cluster.ts'
import type { GroupMemberInfo, Standing } from '../../../client/group/calls.ts'
import {
  CONSUMER_PROTOCOL,
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
} from '../../../client/group/consumer-protocol.ts'
import { GroupMember } from '../../../client/group/member.ts'
import { assignRanges, type Subscriber } from '../../../client/group/range-assignor.ts'
import type { TopicPartition } from '../../../client/partition.ts'

/** Which topics are wanted now, of those that there are. */
export type Wanted = (topics: readonly string[]) => readonly string[]

export type MembershipEvents = {
  /** These partitions are ours now. */
  given(partitions: readonly TopicPartition[]): void
  /** They are to be given up; resolves when what has to be written before is written. */
  taken(): Promise<void>
}

export type Joining = {
  readonly group: string
  readonly wanted: Wanted
  readonly events: MembershipEvents
  readonly log: Log
}

const TOPICS_AGAIN_MS = 30_000

/** The place of a consumer instance in its group: any client of the classic protocol may be there beside it. */
export class ConsumerMembership {
  readonly #cluster: Cluster
  readonly #wanted: Wanted
  readonly #member: GroupMember
  /** Partitions by topic of all that the group reads, where we lead. */
  #led = new Map<string, number>()
  #topics: readonly string[]
  #lookedAt = Date.now()

  private constructor(cluster: Cluster, { group, wanted, events, log }: Joining, topics: readonly string[]) {
    this.#cluster = cluster
    this.#wanted = wanted
    this.#topics = topics
    const place = { groupId: group, protocolType: CONSUMER_PROTOCOL, protocolName: 'range', instanceId: null }
    const work = {
      metadata: (round: number) => encodeSubscription(this.#topics, round),
      settle: () => events.taken(),
      lead: (members: readonly GroupMemberInfo[]) => this.#lead(members),
      begin: (assignment: Buffer) => {
        const given = decodeAssignment(assignment)
        if (given === null) return false
        events.given(
          given.flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, partition }))),
        )
        return true
      },
    }
    this.#member = new GroupMember(cluster, place, work, { log })
  }

  static async join(cluster: Cluster, joining: Joining): Promise<ConsumerMembership> {
    const there = (await listTopics(cluster)).map(({ name }) => name)
    return new ConsumerMembership(cluster, joining, joining.wanted(there))
  }

  get standing(): Standing {
    return this.#member.standing
  }

  /** Why the group cannot be joined, where trying again will not help. */
  get fault(): Error | null {
    const error = this.#member.trouble?.error
    return error === undefined || error.retriable ? null : error
  }

  leave(): Promise<void> {
    return this.#member.stop()
  }

  /** Joins again where there are topics or partitions that the group does not know of. */
  async lookAgain(): Promise<void> {
    if (Date.now() - this.#lookedAt < TOPICS_AGAIN_MS) return
    this.#lookedAt = Date.now()
    const names = (await listTopics(this.#cluster)).map(({ name }) => name)
    const topics = this.#wanted(names)
    const isOther = topics.join() !== this.#topics.join()
    const hasGrown = [...this.#led].some(([topic, count]) => this.#countOf(topic) !== count)
    this.#topics = topics
    if (isOther || hasGrown) this.#member.startOver()
  }

  async #lead(members: readonly GroupMemberInfo[]): Promise<ReadonlyMap<string, Buffer>> {
    const subscribers = members.map(({ memberId, instanceId, metadata }): Subscriber => {
      return { memberId, order: instanceId ?? memberId, topics: decodeSubscription(metadata) ?? [] }
    })
    const topics = [...new Set(subscribers.flatMap((one) => one.topics))]
    await this.#cluster.refresh(topics)
    this.#led = new Map(topics.map((topic) => [topic, this.#countOf(topic)]))
    const given = assignRanges(subscribers, this.#led)
    return new Map([...given].map(([memberId, partitions]) => [memberId, encodeAssignment(partitions)]))
  }

  #countOf(topic: string): number {
    return this.#cluster.metadata.topic(topic)?.partitions.length ?? 0
  }
}
