import type { Clock } from '../../base/clock.ts'
import { messageOf } from '../../base/error.ts'
import type { Log } from '../../base/log.ts'
import type { Address } from '../../client/address.ts'
import { parseAddress } from '../../client/address.ts'
import { Cluster } from '../../client/cluster.ts'
import { prepareTls, type TlsSettings } from '../../client/tls.ts'
import { ApiVersions } from '../../wire/apis/018-api-versions.ts'
import { GatewayError } from '../errors.ts'
import type { Spoken } from '../rewrite/018-api-versions.ts'
import type { Slots } from '../rewrite/slots.ts'
import { TopicIds } from '../rewrite/topic-ids.ts'
import { View } from '../rewrite/view.ts'
import type { RouteCluster } from '../spec.ts'

/** A broker that a client connection may be led to; `id` is null for a bootstrap address. */
export type Candidate = { readonly id: number | null; readonly address: Address }

const RETRY_MS = 500
/** Asked about unknown topics again and again, a cluster is asked no more often than this. */
const LEARN_EVERY_MS = 1_000
/** A broker that hangs is not waited for: what it speaks is seldom news. */
const VERSIONS_MS = 2_000
const SOFTWARE = { clientSoftwareName: 'kmc-gateway', clientSoftwareVersion: '0.1' }

/** One cluster of a route: who its brokers are, which topics it has, what it speaks. It may be away at any time. */
export class Backend {
  readonly name: string
  readonly config: RouteCluster['config']
  readonly tls: TlsSettings | undefined
  readonly #slots: Slots
  readonly #view: View
  readonly #log: Log
  readonly #clock: Clock
  readonly #closing = new AbortController()
  #cluster: Cluster | null = null
  /** By broker, as it was last heard. */
  #spoken: ReadonlyMap<number, Spoken> = new Map()
  #learning: Promise<void> | null = null
  #learntAt = Number.NEGATIVE_INFINITY
  #fault: string | null = null

  constructor(
    { name, config }: RouteCluster,
    clusterId: string,
    slots: Slots,
    { log, clock }: { readonly log: Log; readonly clock: Clock },
  ) {
    this.name = name
    this.config = config
    this.tls = config.tls === undefined ? undefined : prepareTls(config.tls)
    this.#slots = slots
    this.#view = new View(clusterId, slots, new TopicIds())
    this.#log = log
    this.#clock = clock
  }

  /** Tries until the cluster answers; resolves after the first try, whatever came of it. */
  async start(): Promise<void> {
    if (await this.#tryConnect()) return
    void this.#keepTrying()
  }

  /** How clients see it. One object: what an earlier use noted in it is forgotten. */
  view(): View {
    this.#view.missedTopic = false
    return this.#view
  }

  /** Clients have come here from another cluster. */
  noteMoved(): void {
    this.#view.isMoved = true
  }

  /** What its brokers answered to ApiVersions; empty as long as none could be asked. */
  get spoken(): readonly Spoken[] {
    return [...this.#spoken.values()]
  }

  /** Why nothing is known of it, in words; null when something is. */
  get fault(): string | null {
    return this.#fault
  }

  /** For admin calls. Throws what `Cluster.connect` throws when it is away. */
  async cluster(): Promise<Cluster> {
    this.#cluster ??= await Cluster.connect(this.config, { log: this.#log, signal: this.#closing.signal })
    return this.#cluster
  }

  /** The broker of a slot first, then all others: whoever answers can tell a client where to go. */
  candidates(slot: number): Candidate[] {
    const brokers = this.#cluster?.metadata.brokers ?? []
    if (brokers.length === 0)
      return this.config.bootstrap.map((text) => ({ id: null, address: parseAddress(text) }))
    const wanted = this.#slots.brokerAt(slot)
    const inOrder = [...brokers].sort((a, b) => Number(b.nodeId === wanted) - Number(a.nodeId === wanted))
    return inOrder.map(({ nodeId, host, port }) => ({ id: nodeId, address: { host, port } }))
  }

  /** Whether a connection of a slot is at another broker than it should be, and that one is there again. */
  isMisplaced(slot: number, brokerId: number | null): boolean {
    const wanted = this.#slots.brokerAt(slot)
    if (wanted === undefined || wanted === brokerId) return false
    return this.#cluster?.metadata.broker(wanted) !== undefined
  }

  /** Reads brokers, topics and versions anew; calls made at the same time share one reading. Never rejects. */
  learn(): Promise<void> {
    if (this.#learning === null && this.#clock.now() - this.#learntAt < LEARN_EVERY_MS)
      return Promise.resolve()
    this.#learning ??= this.#learn()
      .catch((error: unknown) => {
        this.#fault = messageOf(error)
      })
      .finally(() => {
        this.#learning = null
        this.#learntAt = this.#clock.now()
      })
    return this.#learning
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#cluster?.close()
  }

  async #learn(): Promise<void> {
    const cluster = await this.cluster()
    await cluster.refresh('all')
    const { brokers, topics } = cluster.metadata
    for (const { name, topicId } of topics) this.#view.topics.note(name, topicId)
    if (!this.#slots.note(brokers.map(({ nodeId }) => nodeId))) {
      const message = `${this.name} has ${brokers.length} brokers, more than the route has slots.`
      throw new GatewayError('GATEWAY_SLOTS_TOO_FEW', message)
    }
    this.#spoken = await this.#askVersions(cluster, brokers)
    this.#fault = null
  }

  /** Of a broker that does not answer, what it said before; throws when none has ever answered. */
  async #askVersions(
    cluster: Cluster,
    brokers: readonly { readonly nodeId: number }[],
  ): Promise<Map<number, Spoken>> {
    const options = { timeoutMs: VERSIONS_MS }
    const outcomes = await Promise.allSettled(
      brokers.map(({ nodeId }) => cluster.request(ApiVersions, SOFTWARE, { ...options, node: nodeId })),
    )
    const heard = new Map<number, Spoken>()
    for (const [index, { nodeId }] of brokers.entries()) {
      const outcome = outcomes[index]!
      const spoken = outcome.status === 'fulfilled' ? outcome.value : this.#spoken.get(nodeId)
      if (spoken !== undefined) heard.set(nodeId, spoken)
    }
    const failed = outcomes.find((outcome) => outcome.status === 'rejected')
    if (heard.size === 0 && failed !== undefined) throw failed.reason
    return heard
  }

  async #tryConnect(): Promise<boolean> {
    await this.learn()
    if (this.#fault !== null)
      this.#log.warn({ cluster: this.name, why: this.#fault }, 'cluster of a route is away')
    return this.#fault === null
  }

  async #keepTrying(): Promise<void> {
    const { signal } = this.#closing
    do await this.#clock.sleep(RETRY_MS, signal)
    while (!signal.aborted && !(await this.#tryConnect()))
  }
}
