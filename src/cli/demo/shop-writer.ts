import { type MessageToProduce, Producer } from '@platformatic/kafka'
import { systemClock } from '../../base/clock.ts'
import type { ClusterConfig } from '../../client/config.ts'
import { fromLibrary, libraryOptions } from '../records/library.ts'
import type { Ledger } from './ledger.ts'
import { Pauses } from './pauses.ts'
import { type PaymentRun, Shop, type ShopRecord } from './shop-records.ts'

export const shopTopics = [
  { name: 'orders', partitions: 4 },
  { name: 'payments', partitions: 4 },
  { name: 'stock', partitions: 2, configs: { 'cleanup.policy': 'compact' } },
] as const

/** By these the route knows the tills. */
export const shopWriters = ['shop-orders', 'shop-payments'] as const

type Transaction = Awaited<ReturnType<Producer['beginTransaction']>>

/** A pause between two rounds of each of the two tills. */
const PAUSE_MS = 80
const ORDERS_A_ROUND = 12
const PAYMENTS_A_TRANSACTION = 15
/** A coordinator that still ends the transaction before asks to come again: soon, and often enough. */
const patience = { retries: 200, retryDelay: 20 }
/** An application that fails so often in a row has more to tell than that it was unlucky. */
const FAILURES_MAX = 10

/**
 * The shop at work: one till writes orders and what they do to the stock, the other settles payments, each batch in
 * a transaction of which some are given up. What the brokers acknowledged goes into the ledger.
 */
export class ShopWriter {
  readonly pauses = new Pauses()
  readonly #route: ClusterConfig
  readonly #shop = new Shop({ random: Math.random, nowMs: Date.now })
  readonly #ledger: Ledger
  readonly #plain: Producer
  #transactional: Producer
  readonly #closing = new AbortController()
  #work: Promise<unknown> = Promise.resolve()
  #refused = 0

  constructor(route: ClusterConfig, ledger: Ledger) {
    this.#route = route
    this.#ledger = ledger
    this.#plain = this.#newProducer('shop-orders')
    this.#transactional = this.#newTransactional()
  }

  /** Errors that the tills have seen so far. */
  get refused(): number {
    return this.#refused
  }

  /** Writes until `close`. `failed` is told of what ended a till before that. */
  start(failed: (error: unknown) => void): void {
    this.#work = Promise.all([
      this.#keep('writing orders', () => this.#takeOrders()),
      this.#keep('writing payments', () => this.#settlePayments()),
    ]).catch(failed)
  }

  /** Finishes what was begun, a transaction included. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.#work
    await Promise.all([this.#plain.close(true), this.#transactional.close(true)])
  }

  /** One round after the other, as an application does that logs an error and goes on. */
  async #keep(what: string, round: () => Promise<void>): Promise<void> {
    const { signal } = this.#closing
    let failures = 0
    while (!signal.aborted) {
      try {
        await round()
        failures = 0
      } catch (error) {
        this.#refused += 1
        if (++failures >= FAILURES_MAX) throw fromLibrary(error, what)
      }
      await systemClock.sleep(PAUSE_MS, signal)
    }
  }

  async #takeOrders(): Promise<void> {
    const count = 1 + Math.floor(Math.random() * 2 * ORDERS_A_ROUND)
    const records = Array.from({ length: count }, () => this.#shop.order()).flat()
    try {
      await this.#plain.send({ messages: records.map(messageOf) })
    } catch (error) {
      this.#ledger.unknown(records)
      throw error
    }
    this.#ledger.acknowledged(records)
    this.pauses.note(Date.now())
  }

  async #settlePayments(): Promise<void> {
    const run = this.#shop.payments(PAYMENTS_A_TRANSACTION)
    if (run === null) return
    const transaction = await this.#transactional.beginTransaction()
    try {
      await transaction.send({ messages: run.records.map(messageOf) })
    } catch (error) {
      this.#giveUp(run)
      await this.#leave(transaction, error)
      throw error
    }
    await this.#end(transaction, run)
  }

  async #end(transaction: Transaction, run: PaymentRun): Promise<void> {
    try {
      if (run.outcome === 'commit') await transaction.commit()
      else await transaction.abort()
    } catch (error) {
      if (run.outcome === 'commit') this.#ledger.unknown(run.records)
      else this.#giveUp(run)
      await this.#leave(transaction, error)
      throw error
    }
    if (run.outcome === 'commit') this.#ledger.acknowledged(run.records)
    else this.#giveUp(run)
  }

  #giveUp(run: PaymentRun): void {
    this.#ledger.aborted(run.records)
    this.#shop.unpaid(run)
  }

  /** Gets out of a transaction that went wrong. A producer that is not known any more is made anew (KIP-1050). */
  async #leave(transaction: Transaction, error: unknown): Promise<void> {
    try {
      await transaction.abort()
      if (!isFatal(error)) return
    } catch {
      // Then nothing is left of it to go on with.
    }
    const useless = this.#transactional
    this.#transactional = this.#newTransactional()
    await useless.close(true)
  }

  #newTransactional(): Producer {
    // Also the time after which the coordinator gives a transaction up.
    return this.#newProducer('shop-payments', { transactionalId: 'shop-payments', timeout: 60_000 })
  }

  #newProducer(
    clientId: (typeof shopWriters)[number],
    more: { readonly transactionalId?: string; readonly timeout?: number } = {},
  ): Producer {
    const common = { ...libraryOptions(this.#route), ...patience, ...more }
    return new Producer({ ...common, clientId, idempotent: true, acks: -1, autocreateTopics: false })
  }
}

const fatal: ReadonlySet<string> = new Set([
  'INVALID_PRODUCER_EPOCH',
  'INVALID_PRODUCER_ID_MAPPING',
  'PRODUCER_FENCED',
])

function isFatal(error: unknown): boolean {
  return fatal.has(String(fromLibrary(error, 'payments').context.name))
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
