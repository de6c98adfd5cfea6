import { ZERO_UUID } from '../wire/codec/schema.ts'
import { ClientError } from './errors.ts'

type PartitionItem = { readonly topic: string; readonly topicId?: string; readonly partition: number }

type Group<Item> = {
  readonly topic: string
  readonly topicId: string
  readonly items: Item[]
  /** Where each item stands in the caller's list. */
  readonly places: number[]
  /** Brokers mostly answer in the order of the question: this item is looked at first. */
  next: number
}

/**
 * A flat list of partitions as Kafka's requests want it, grouped by topic, and the way back: answers in whatever
 * order brought into the order of the list. Built for 1,000 partitions several times a second: items are not
 * copied.
 */
export class TopicGroups<Item extends PartitionItem> {
  readonly list: readonly Group<Item>[]
  readonly #size: number
  readonly #byName = new Map<string, Group<Item>>()
  #byId: Map<string, Group<Item>> | null = null

  constructor(items: readonly Item[]) {
    const list: Group<Item>[] = []
    let group: Group<Item> | undefined
    for (let place = 0; place < items.length; place++) {
      const item = items[place]!
      if (group?.topic !== item.topic) group = this.#byName.get(item.topic)
      if (group === undefined) {
        group = { topic: item.topic, topicId: item.topicId || ZERO_UUID, items: [], places: [], next: 0 }
        this.#byName.set(item.topic, group)
        list.push(group)
      }
      group.items.push(item)
      group.places.push(place)
    }
    this.list = list
    this.#size = items.length
  }

  /** Whether every topic's id is known. */
  get haveIds(): boolean {
    return this.list.every(({ topicId }) => topicId !== ZERO_UUID)
  }

  /** Throws INVALID_ARGUMENT when a partition stands in the list twice: Kafka would take only one of the two. */
  assertDistinct(what: string): void {
    for (const { topic, items } of this.list) {
      const seen = new Set<number>()
      for (const { partition } of items) {
        if (seen.has(partition))
          throw new ClientError('INVALID_ARGUMENT', `${what} names ${topic}-${partition} twice.`)
        seen.add(partition)
      }
    }
  }

  /** The name of a topic that an answer names by id. Throws INCOMPLETE_RESPONSE for one that was not asked. */
  nameOf(topicId: string): string {
    this.#byId ??= new Map(this.list.map((group) => [group.topicId, group]))
    const group = this.#byId.get(topicId)
    if (group === undefined) throw mismatch(`names topic id ${topicId}, which was not asked`, 'a request')
    return group.topic
  }

  /** Collects one result per item. `what`: the API's name, for errors. */
  results<Result>(what: string): Results<Result> {
    const found: (Result | undefined)[] = new Array(this.#size).fill(undefined)
    return {
      put: (topic, partition, result) => {
        found[this.#placeOf(topic, partition, what)] = result
      },
      finish: () => {
        const missing = found.indexOf(undefined)
        if (missing >= 0) throw mismatch(`leaves out ${this.#describe(missing)}`, what)
        return found as Result[]
      },
    }
  }

  #placeOf(topic: string, partition: number, what: string): number {
    const group = this.#byName.get(topic)
    if (group === undefined) throw mismatch(`names topic ${topic}, which was not asked`, what)
    if (group.items[group.next]?.partition !== partition) {
      group.next = group.items.findIndex((item) => item.partition === partition)
      if (group.next < 0) throw mismatch(`names ${topic}-${partition}, which was not asked`, what)
    }
    return group.places[group.next++]!
  }

  #describe(place: number): string {
    for (const { places, items, topic } of this.list) {
      const at = places.indexOf(place)
      if (at >= 0) return `${topic}-${items[at]!.partition}`
    }
    return 'a partition'
  }
}

export type Results<Result> = {
  /** Throws INCOMPLETE_RESPONSE for a partition that was not asked. */
  readonly put: (topic: string, partition: number, result: Result) => void
  /** All results, in the order of the items. Throws INCOMPLETE_RESPONSE when one is missing. */
  readonly finish: () => Result[]
}

function mismatch(why: string, what: string): ClientError {
  return new ClientError('INCOMPLETE_RESPONSE', `The answer to ${what} ${why}.`)
}
