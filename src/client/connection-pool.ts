import { setTimeout as delay } from 'node:timers/promises'
import { type KmcError, messageOf } from '../base/error.ts'
import { type Log, silentLog } from '../base/log.ts'
import { formatAddress } from './address.ts'
import { backoffMs } from './backoff.ts'
import { nowMs } from './clock.ts'
import type { Connection } from './connection.ts'
import { Deadline } from './deadline.ts'
import { ClientError } from './errors.ts'
import { RECONNECT_BACKOFF_MAX_MS, RECONNECT_BACKOFF_MS } from './limits.ts'

/** One of several connections to a broker, so that one kind of work does not wait behind another. */
export type Lane = string | number

export type WaitOptions = { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined }

type Slot = { connection: Connection | null; opening: Promise<Connection> | null }
type NodeHealth = { failures: number; retryAtMs: number }

/**
 * The connections of one cluster, by node and lane: opened when first asked for, shared by all who ask, opened anew
 * when they broke. A node that cannot be reached is tried again only after a growing pause; who asks meanwhile
 * waits for it.
 */
export class ConnectionPool {
  readonly #open: (nodeId: number, signal: AbortSignal) => Promise<Connection>
  readonly #nodes = new Map<number, Map<Lane, Slot>>()
  readonly #health = new Map<number, NodeHealth>()
  readonly #closing = new AbortController()
  readonly #log: Log

  constructor(open: (nodeId: number, signal: AbortSignal) => Promise<Connection>, log: Log = silentLog) {
    this.#open = open
    this.#log = log
  }

  /** The open connection of a lane, if there is one. */
  existing(nodeId: number, lane: Lane): Connection | undefined {
    return this.#nodes.get(nodeId)?.get(lane)?.connection ?? undefined
  }

  /** The node of some open connection on this lane, if there is one. */
  openNode(lane: Lane): number | undefined {
    for (const [nodeId, lanes] of this.#nodes) if (lanes.get(lane)?.connection != null) return nodeId
    return undefined
  }

  get connections(): readonly Connection[] {
    const slots = [...this.#nodes.values()].flatMap((lanes) => [...lanes.values()])
    return slots.flatMap(({ connection }) => connection ?? [])
  }

  /** How often in a row the node could not be reached. */
  failuresOf(nodeId: number): number {
    return this.#health.get(nodeId)?.failures ?? 0
  }

  /**
   * The connection of a lane, opened when need be. Errors: those of `Connection.open`, NODE_UNKNOWN, CONNECT_TIMEOUT
   * when `timeoutMs` is over first (the opening goes on for others), CONNECTION_CLOSED after `close`.
   */
  async get(nodeId: number, lane: Lane, { timeoutMs, signal }: WaitOptions): Promise<Connection> {
    const slot = this.#slot(nodeId, lane)
    if (slot.connection !== null) return slot.connection
    if (slot.opening === null) {
      slot.opening = this.#reopen(nodeId, slot).finally(() => {
        slot.opening = null
      })
    }
    const what = `Connecting to node ${nodeId}`
    const timeoutError = (): ClientError => {
      return new ClientError(
        'CONNECT_TIMEOUT',
        `Node ${nodeId} was not connected within ${Math.round(timeoutMs)} ms.`,
      )
    }
    using deadline = new Deadline({ what, timeoutMs, signal, timeoutError })
    return await deadline.race(slot.opening)
  }

  /** Takes over a connection that was opened elsewhere; false when the lane already has one. */
  adopt(nodeId: number, lane: Lane, connection: Connection): boolean {
    const slot = this.#slot(nodeId, lane)
    if (slot.connection !== null || slot.opening !== null || this.#closing.signal.aborted) return false
    this.#fill(slot, connection)
    return true
  }

  close(reason: KmcError): void {
    this.#closing.abort(reason)
    for (const connection of this.connections) connection.close(reason)
  }

  async #reopen(nodeId: number, slot: Slot): Promise<Connection> {
    const { signal } = this.#closing
    signal.throwIfAborted()
    const pauseMs = (this.#health.get(nodeId)?.retryAtMs ?? 0) - nowMs()
    if (pauseMs > 0) {
      await delay(pauseMs, undefined, { signal }).catch(() => signal.throwIfAborted())
    }
    try {
      const connection = await this.#open(nodeId, signal)
      if (signal.aborted) connection.close(signal.reason as KmcError)
      signal.throwIfAborted()
      this.#health.delete(nodeId)
      this.#fill(slot, connection)
      return connection
    } catch (error) {
      const failures = this.failuresOf(nodeId) + 1
      const rest = backoffMs(failures, { firstMs: RECONNECT_BACKOFF_MS, maxMs: RECONNECT_BACKOFF_MAX_MS })
      this.#health.set(nodeId, { failures, retryAtMs: nowMs() + rest })
      this.#log.debug({ node: nodeId, failures, why: messageOf(error) }, 'connection not opened')
      throw error
    }
  }

  #fill(slot: Slot, connection: Connection): void {
    slot.connection = connection
    const address = formatAddress(connection.address)
    this.#log.debug({ address }, 'connection opened')
    connection.onClose((reason) => {
      slot.connection = null
      this.#log.debug({ address, why: reason.message }, 'connection closed')
    })
  }

  #slot(nodeId: number, lane: Lane): Slot {
    const lanes = this.#nodes.get(nodeId) ?? new Map<Lane, Slot>()
    this.#nodes.set(nodeId, lanes)
    const slot = lanes.get(lane) ?? { connection: null, opening: null }
    lanes.set(lane, slot)
    return slot
  }
}
