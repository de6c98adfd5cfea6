import type { Address } from '../../client/address.ts'

/** Node ids that clients see begin with this one: slot i is node i + 1. */
const FIRST_NODE_ID = 1

/**
 * The brokers of one cluster in the slots of a route: the first broker by id in slot 0, and so on. A broker keeps its
 * slot as long as the gateway runs, also while it is away, so that its node id and port stay the same. Pure.
 */
export class Slots {
  readonly #front: Address
  readonly #count: number
  /** Broker id by slot. */
  readonly #brokers: number[] = []
  readonly #slotByBroker = new Map<number, number>()

  /** `front`: where clients reach slot 0; slot i listens i ports further on. */
  constructor(front: Address, count: number) {
    this.#front = front
    this.#count = count
  }

  /** Gives new brokers the next free slots. False when there are more brokers than slots. */
  note(brokerIds: readonly number[]): boolean {
    for (const id of [...brokerIds].sort((a, b) => a - b)) {
      if (this.#slotByBroker.has(id)) continue
      if (this.#brokers.length >= this.#count) return false
      this.#slotByBroker.set(id, this.#brokers.length)
      this.#brokers.push(id)
    }
    return true
  }

  /** The broker behind a slot; slots beyond the last broker share the brokers there are. Undefined without any. */
  brokerAt(slot: number): number | undefined {
    return this.#brokers[slot % Math.max(1, this.#brokers.length)]
  }

  /** The node id that clients see; negative ids (nobody, unknown) stay what they are. */
  nodeOf(brokerId: number): number {
    return brokerId < 0 ? brokerId : (this.#slotByBroker.get(brokerId) ?? 0) + FIRST_NODE_ID
  }

  /** The broker that a client means by a node id; ids that no slot has stay what they are. */
  brokerOf(nodeId: number): number {
    return nodeId < FIRST_NODE_ID ? nodeId : (this.brokerAt(nodeId - FIRST_NODE_ID) ?? nodeId)
  }

  /** Where clients reach a broker. */
  addressOf(brokerId: number): Address {
    const { host, port } = this.#front
    return { host, port: port + (this.#slotByBroker.get(brokerId) ?? 0) }
  }
}
