import { randomUUID } from 'node:crypto'
import { systemClock } from '../../base/clock.ts'
import { KmcError, messageOf } from '../../base/error.ts'
import { createTopics } from '../../client/admin/create-topics.ts'
import { nowMs } from '../../client/clock.ts'
import { Cluster } from '../../client/cluster.ts'
import type { ClusterConfig } from '../../client/config.ts'
import { fetchRaw } from '../../client/fetch.ts'
import { produceRaw } from '../../client/produce.ts'
import { buildBatch } from '../../wire/batch/build.ts'
import { errorOf } from '../../wire/error-codes.ts'

/**
 * A topic of kmc's own, so that nobody else reads it or counts it: internal by name, so that no link takes it, and each
 * cluster has its own.
 */
const PROBE_TOPIC = '__kmc_probe'
const AT = { topic: PROBE_TOPIC, topicId: '', partition: 0 }
const EVERY_MS = 50
const RETENTION_MS = 3_600_000
const FETCH_WAIT_MS = 1_000
const FETCH_BYTES = 65_536
/** Somebody who is not let in is told so each time. */
const LOCKED_OUT_AFTER = 4

/** What a client of the route has seen while it was moved. */
export type Seen = {
  /** The longest time between two records that were written and read. */
  readonly longestMs: number
  readonly acknowledged: number
  /** Requests that were refused or lost; the next one followed. */
  readonly refused: number
  readonly lastTrouble: string | null
}

/** A topic for the probe on a cluster of the route; one that is there already is right. */
export async function makeProbeTopic(cluster: Cluster): Promise<void> {
  const configs = { 'retention.ms': String(RETENTION_MS) }
  await createTopics(cluster, [{ name: PROBE_TOPIC, partitions: 1, configs }])
}

/** A client of our own that writes a small record through the route all the time, reads it, and keeps the time. */
export class Probe {
  readonly #ways: readonly ClusterConfig[]
  readonly #stop = new AbortController()
  #running: Promise<void> = Promise.resolve()
  #lastAt: number | null = null
  #longestMs = 0
  #acknowledged = 0
  #refused = 0
  #trouble: string | null = null
  /** Failures in a row that no patience helps with. */
  #lockedOut = 0

  /** The ways into the route, tried in turn: the credentials of one cluster may be none on the other. */
  constructor(ways: readonly ClusterConfig[]) {
    this.#ways = ways
  }

  /** Where the route may be out of service already, the time runs from `since` on (`nowMs`). */
  start(since: number | null): void {
    this.#lastAt = since
    this.#running = this.#run()
  }

  get seen(): Seen {
    return {
      longestMs: Math.round(this.#longestMs),
      acknowledged: this.#acknowledged,
      refused: this.#refused,
      lastTrouble: this.#trouble,
    }
  }

  /** Whether no way leads in, whichever cluster serves: no right to write there, an address that nobody listens at. */
  get isLockedOut(): boolean {
    return this.#acknowledged === 0 && this.#lockedOut >= LOCKED_OUT_AFTER
  }

  /** Whether a record came through within this time from now on. */
  async comesThrough(withinMs: number): Promise<boolean> {
    const before = this.#acknowledged
    const deadline = nowMs() + withinMs
    while (this.#acknowledged === before) {
      if (nowMs() > deadline || this.isLockedOut) return false
      await systemClock.sleep(EVERY_MS)
    }
    return true
  }

  async stop(): Promise<Seen> {
    this.#stop.abort()
    await this.#running
    return this.seen
  }

  async #run(): Promise<void> {
    for (let turn = 0; !this.#stop.signal.aborted; turn++) {
      try {
        await this.#exchange(this.#ways[turn % this.#ways.length]!)
      } catch (error) {
        if (this.#stop.signal.aborted) return
        this.#note(
          messageOf(error),
          !(error instanceof KmcError) || error.code === 'BOOTSTRAP_UNREACHABLE' || !error.retriable,
        )
        await systemClock.sleep(EVERY_MS)
      }
    }
  }

  /** On one connection for as long as it lives, as an application would. */
  async #exchange(way: ClusterConfig): Promise<void> {
    const { signal } = this.#stop
    await using cluster = await Cluster.connect(way, { signal })
    // While clients are held it would wait for its answer, and whoever stops it for it.
    signal.addEventListener('abort', () => void cluster.close(), { once: true })
    await cluster.refresh([PROBE_TOPIC])
    while (!signal.aborted) {
      const code = await writeAndRead(cluster, signal)
      if (code === 0) this.#came()
      else {
        const { name, retriable } = errorOf(code)
        this.#note(name, !retriable)
        await cluster.refresh([PROBE_TOPIC])
      }
      await systemClock.sleep(EVERY_MS)
    }
  }

  #came(): void {
    const now = nowMs()
    if (this.#lastAt !== null) this.#longestMs = Math.max(this.#longestMs, now - this.#lastAt)
    this.#lastAt = now
    this.#acknowledged += 1
    this.#lockedOut = 0
  }

  #note(trouble: string, isFinal: boolean): void {
    this.#refused += 1
    this.#trouble = trouble
    this.#lockedOut = isFinal ? this.#lockedOut + 1 : 0
  }
}

/** Gives the first error code; 0 when the record was written and read again. */
async function writeAndRead(cluster: Cluster, signal: AbortSignal): Promise<number> {
  const node = await cluster.leaderOf(PROBE_TOPIC, 0)
  const value = Buffer.from(randomUUID())
  const batch = buildBatch({ records: [{ timestamp: Date.now(), key: null, value }] })
  const [written] = await produceRaw(cluster, node, 'probe', [{ ...AT, batch }])
  if (written!.errorCode !== 0) return written!.errorCode
  const item = { ...AT, fetchOffset: written!.baseOffset, partitionMaxBytes: FETCH_BYTES }
  const options = {
    maxWaitMs: FETCH_WAIT_MS,
    maxBytes: FETCH_BYTES,
    isolation: 'read_committed',
    signal,
  } as const
  const [read] = await fetchRaw(cluster, node, 'probe', [item], options)
  return read!.errorCode
}
