import { randomUUID } from 'node:crypto'
import { messageOf } from '../../base/error.ts'
import { createTopics } from '../../client/admin/create-topics.ts'
import { nowMs } from '../../client/clock.ts'
import { Cluster } from '../../client/cluster.ts'
import type { ClusterConfig } from '../../client/config.ts'
import { produceRaw } from '../../client/produce.ts'
import { buildBatch } from '../../wire/batch/build.ts'

/** Internal by name, so that no link takes it; each cluster has its own. */
const PROBE_TOPIC = '__kmc_probe'
const EVERY_MS = 50
const RETENTION_MS = 3_600_000

/** What a client of the route has seen while it was moved. */
export type Seen = {
  /** The longest time between two acknowledgements. */
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

/** A client of our own that writes a small record through the route all the time, and keeps the time. */
export class Probe {
  readonly #config: ClusterConfig
  readonly #stop = new AbortController()
  #running: Promise<void> = Promise.resolve()
  #lastAt: number | null = null
  #longestMs = 0
  #acknowledged = 0
  #refused = 0
  #trouble: string | null = null

  constructor(route: ClusterConfig) {
    this.#config = route
  }

  start(): void {
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

  /** Resolves with the next acknowledgement; rejects when there is none in time. */
  async nextAcknowledged(withinMs: number): Promise<void> {
    const before = this.#acknowledged
    const deadline = nowMs() + withinMs
    while (this.#acknowledged === before) {
      if (nowMs() > deadline) throw new Error(this.#trouble ?? 'no answer')
      await pause(EVERY_MS)
    }
  }

  async stop(): Promise<Seen> {
    this.#stop.abort()
    await this.#running
    return this.seen
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        await this.#write()
      } catch (error) {
        this.#trouble = messageOf(error)
        this.#refused += 1
        await pause(EVERY_MS)
      }
    }
  }

  /** On one connection for as long as it lives, as an application would. */
  async #write(): Promise<void> {
    const { signal } = this.#stop
    await using cluster = await Cluster.connect(this.#config)
    await cluster.refresh([PROBE_TOPIC])
    while (!signal.aborted) {
      const node = await cluster.leaderOf(PROBE_TOPIC, 0)
      const value = Buffer.from(randomUUID())
      const batch = buildBatch({ records: [{ timestamp: Date.now(), key: null, value }] })
      const item = { topic: PROBE_TOPIC, topicId: '', partition: 0, batch }
      const [answer] = await produceRaw(cluster, node, 'probe', [item])
      if (answer!.errorCode !== 0) {
        this.#refused += 1
        this.#trouble = `error ${answer!.errorCode}`
        await cluster.refresh([PROBE_TOPIC])
      } else this.#note()
      await pause(EVERY_MS)
    }
  }

  #note(): void {
    const now = nowMs()
    if (this.#lastAt !== null) this.#longestMs = Math.max(this.#longestMs, now - this.#lastAt)
    this.#lastAt = now
    this.#acknowledged += 1
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
