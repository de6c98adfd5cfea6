import { cities, goods } from './shop-goods.ts'

/** A record as the shop writes it. */
export type ShopRecord = {
  readonly topic: 'orders' | 'payments' | 'stock'
  readonly key: string
  /** null is a tombstone: the item is sold out. */
  readonly value: string | null
  readonly headers: Readonly<Record<string, string>>
}

/** Payments that belong into one transaction. */
export type PaymentRun = {
  readonly records: readonly ShopRecord[]
  readonly outcome: 'commit' | 'abort'
  readonly orders: readonly Order[]
}

const ID_HEADER = 'trace-id'
const CUSTOMERS = 400
const STOCK_AT_FIRST = 24
/** One transaction in five is given up, as when a card is refused. */
const ABORT_SHARE = 0.2

/** What is still to be paid. */
export type Order = { readonly id: string; readonly customer: string; readonly won: number }

/**
 * A small shop: orders keyed by customer, payments keyed by order and settled in transactions, stock keyed by item
 * (a compacted topic: the last value counts). Pure: `random` gives 0..1, and the same numbers give the same shop.
 */
export class Shop {
  readonly #random: () => number
  readonly #nowMs: () => number
  readonly #stock = new Map<string, number>()
  readonly #unpaid: Order[] = []
  #orders = 0

  constructor(options: { readonly random: () => number; readonly nowMs: () => number }) {
    this.#random = options.random
    this.#nowMs = options.nowMs
  }

  /** One order, and what it does to the stock. */
  order(): readonly [order: ShopRecord, stock: ShopRecord] {
    const { item, won } = this.#pick(goods)
    const quantity = 1 + Math.floor(this.#random() * 3)
    this.#orders += 1
    const order: Order = {
      id: String(this.#orders).padStart(6, '0'),
      customer: `customer-${String(1 + Math.floor(this.#random() * CUSTOMERS)).padStart(4, '0')}`,
      won: won * quantity,
    }
    this.#unpaid.push(order)
    const city = this.#pick(cities)
    const value = { order: order.id, item, quantity, won: order.won, city, at: this.#nowMs() }
    const headers = { source: 'web', [ID_HEADER]: order.id }
    const record = { topic: 'orders', key: order.customer, value: JSON.stringify(value), headers } as const
    return [record, this.#take(item, quantity)]
  }

  /** Payments of at most `count` open orders; null when nothing is open. */
  payments(count: number): PaymentRun | null {
    const orders = this.#unpaid.splice(0, count)
    if (orders.length === 0) return null
    const outcome = this.#random() < ABORT_SHARE ? 'abort' : 'commit'
    const records = orders.map(({ id, customer, won }) => {
      const value = JSON.stringify({ order: id, customer, won, method: 'card', at: this.#nowMs() })
      return { topic: 'payments', key: id, value, headers: { [ID_HEADER]: id } } as const
    })
    return { records, outcome, orders }
  }

  /** What was refused, or given up, is tried again by a later run. */
  unpaid({ orders }: PaymentRun): void {
    this.#unpaid.push(...orders)
  }

  #take(item: string, quantity: number): ShopRecord {
    const before = this.#stock.get(item) ?? STOCK_AT_FIRST
    const left = before - quantity
    this.#stock.set(item, left > 0 ? left : STOCK_AT_FIRST)
    const value = left > 0 ? JSON.stringify({ item, left, at: this.#nowMs() }) : null
    return { topic: 'stock', key: item, value, headers: {} }
  }

  #pick<T>(from: readonly T[]): T {
    return from[Math.min(from.length - 1, Math.floor(this.#random() * from.length))]!
  }
}

/** The id that an order or payment bears, from its headers as they were read. */
export function idOf(headers: readonly { readonly key: unknown; readonly value: Buffer | null }[]): string {
  return headers.find(({ key }) => String(key) === ID_HEADER)?.value?.toString() ?? ''
}

/** The same of a record that was not written yet; the key of an order is its customer. */
export function idOfRecord({ headers }: Pick<ShopRecord, 'headers'>): string {
  return headers[ID_HEADER] ?? ''
}
