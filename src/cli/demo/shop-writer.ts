import { type MessageToProduce, Producer } from '@platformatic/kafka'
import { systemClock } from '../../base/clock.ts'
import type { ClusterConfig } from '../../client/config.ts'
import { fromLibrary, libraryOptions } from '../records/library.ts'
import type { Ledger } from './ledger.ts'
import { Shop, type ShopRecord } from './shop-records.ts'

export const shopTopics = [
  { name: 'orders', partitions: 4 },
  { name: 'payments', partitions: 4 },
  { name: 'stock', partitions: 2, configs: { 'cleanup.policy': 'compact' } },
] as const

/** A pause between two rounds of each of the two tills. */
const PAUSE_MS = 80
const ORDERS_A_ROUND = 12
const PAYMENTS_A_TRANSACTION = 15
/** A coordinator that still ends the transaction before asks to come again: soon, and often enough. */
const patience = { retries: 200, retryDelay: 20 }

/**
 * The shop at work: one till writes orders and what they do to the stock, the other settles payments, each batch in
 * a transaction of which some are given up. What the brokers acknowledged goes into the ledger.
 */
export class ShopWriter {
  readonly #shop: Shop
  readonly #ledger: Ledger
  readonly #plain: Producer
  readonly #transactional: Producer
  readonly #closing = new AbortController()
  #work: Promise<unknown> = Promise.resolve()

  constructor(cluster: ClusterConfig, options: { readonly run: string; readonly ledger: Ledger }) {
    this.#shop = new Shop({ run: options.run, random: Math.random, nowMs: Date.now })
    this.#ledger = options.ledger
    const common = {
      ...libraryOptions(cluster),
      ...patience,
      idempotent: true,
      acks: -1,
      autocreateTopics: false,
    }
    this.#plain = new Producer({ ...common, clientId: 'shop-orders' })
    this.#transactional = new Producer({
      ...common,
      clientId: 'shop-payments',
      // The library asks for its producer id as if it had had id 0 before, which fences the id of an earlier run.
      transactionalId: `shop-payments-${options.run}`,
      // Also the time after which the coordinator gives a transaction up.
      timeout: 60_000,
    })
  }

  /** Writes until `close`. `failed` is told of what ended a till before that. */
  start(failed: (error: unknown) => void): void {
    const { signal } = this.#closing
    const round = async (what: string, step: () => Promise<void>) => {
      while (!signal.aborted) {
        await step().catch((error: unknown) => {
          throw fromLibrary(error, what)
        })
        await systemClock.sleep(PAUSE_MS, signal)
      }
    }
    this.#work = Promise.all([
      round('writing orders', () => this.#takeOrders()),
      round('writing payments', () => this.#settlePayments()),
    ]).catch(failed)
  }

  /** Finishes what was begun, a transaction included. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.#work
    await Promise.all([this.#plain.close(true), this.#transactional.close(true)])
  }

  async #takeOrders(): Promise<void> {
    const count = 1 + Math.floor(Math.random() * 2 * ORDERS_A_ROUND)
    const records = Array.from({ length: count }, () => this.#shop.order()).flat()
    await this.#plain.send({ messages: records.map(messageOf) })
    this.#ledger.acknowledged(records)
  }

  async #settlePayments(): Promise<void> {
    const run = this.#shop.payments(PAYMENTS_A_TRANSACTION)
    if (run === null) return
    const transaction = await this.#transactional.beginTransaction()
    await transaction.send({ messages: run.records.map(messageOf) })
    if (run.outcome === 'commit') {
      await transaction.commit()
      this.#ledger.acknowledged(run.records)
    } else {
      await transaction.abort()
      this.#ledger.aborted(run.records)
    }
  }
}

function messageOf({ topic, key, value, headers }: ShopRecord): MessageToProduce {
  const entries = Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)] as const)
  return {
    topic,
    key: Buffer.from(key),
    ...(value !== null && { value: Buffer.from(value) }),
    headers: new Map(entries.map(([name, bytes]) => [Buffer.from(name), bytes])),
  }
}
