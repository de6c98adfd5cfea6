import type { Address } from '../../client/address.ts'
import type { Slots } from './slots.ts'
import type { TopicIds } from './topic-ids.ts'

/** How clients see one cluster; the translations in both directions. */
export class View {
  readonly clusterId: string
  readonly slots: Slots
  readonly topics: TopicIds
  /** Set when a topic id was met that is not known yet: it was left as it is. */
  missedTopic = false
  /** Whether clients have come here from another cluster. */
  isMoved = false

  constructor(clusterId: string, slots: Slots, topics: TopicIds) {
    this.clusterId = clusterId
    this.slots = slots
    this.topics = topics
  }

  node(brokerId: number): number {
    return this.slots.nodeOf(brokerId)
  }

  broker(nodeId: number): number {
    return this.slots.brokerOf(nodeId)
  }

  address(brokerId: number): Address {
    return this.slots.addressOf(brokerId)
  }

  virtualTopic(id: string): string {
    const found = this.topics.toVirtual(id)
    if (found === undefined) this.missedTopic = true
    return found ?? id
  }

  trueTopic(id: string): string {
    const found = this.topics.toTrue(id)
    if (found === undefined) this.missedTopic = true
    return found ?? id
  }
}
