import type { Clock } from '../../base/clock.ts'
import { messageOf } from '../../base/error.ts'
import type { Log } from '../../base/log.ts'
import { FetchGate } from '../budget/gate.ts'
import { type CopierPhase, PartitionCopier, type Sending } from '../copier/partition.ts'
import { fault, nameOf } from '../errors.ts'
import { divergedBy, epochRegressed, retentionOvertook, sourceEndsEarlier } from '../evidence.ts'
import type { DestinationPort, Fetched, MarkerWriter, SourcePort, TopicPartition } from '../port.ts'
import type { Fault } from '../status.ts'
import { Counters } from './counters.ts'
import { EpochKeeper, type Epochs } from './epoch-keeper.ts'
import { NO_FACTS, type PartitionFacts } from './facts.ts'
import { FetchLoop } from './fetch-loop.ts'
import type { Candidate } from './fetch-order.ts'
import { Health } from './health.ts'
import { HeldRecords } from './held-records.ts'
import { limits } from './limits.ts'
import { MarkerLane } from './marker-lane.ts'
import { ProduceLane } from './produce-lane.ts'
import { Recovery } from './recovery.ts'
import { SourceEnds } from './source-ends.ts'
import { Strikes } from './strikes.ts'
import type { Tally } from './tally.ts'

/** Faults that somebody may have cured meanwhile without telling us. */
const RETRIED_FAULTS = new Set([
  'NOT_AUTHORIZED',
  'PARTITION_STUCK',
  'BATCH_REFUSED',
  'MIRROR_BATCH_TOO_LARGE',
  'CORRUPT_BATCH',
])

const LEAVING_POLL_MS = 20
const PLACE_POLL_MS = 500
/** What an offset is taken to weigh before anything was copied. */
const UNKNOWN_OFFSET_BYTES = 1_024

export type CopyingOptions = {
  readonly source: SourcePort
  readonly destination: DestinationPort
  readonly writer: MarkerWriter
  /** The source's name of a mirror's topic. */
  readonly sourceTopic: (mirror: string) => string
  /** Default: no limit. */
  readonly gate?: FetchGate
  /** The weight of a topic of the source where not all can have what they want; all weigh the same by default. */
  readonly weightOf?: (topic: string) => number
  /** Told of faults after which the mirror's log is not the source's any more, so that they outlive this worker. */
  readonly damaged: (at: TopicPartition, fault: Fault) => void
  readonly facts?: (at: TopicPartition) => PartitionFacts
  /** Left out: what the source's leader epochs were is forgotten with this worker. */
  readonly epochs?: Epochs
  /** Whether this worker surely holds its place among the workers now; without, nothing is sent. Default: always. */
  readonly mayWrite?: (() => boolean) | undefined
  /** Of what this worker did before, to go on counting. */
  readonly counters?: Counters | undefined
  /** Shared with other links; default: one of its own. */
  readonly held?: HeldRecords | undefined
  readonly clock: Clock
  readonly log: Log
}

/**
 * Moves records for all partitions that a worker holds: fetch loops (one a source broker) fill the copiers, produce
 * and marker lanes (by destination broker) empty them, recovery gives positions back after any doubt.
 */
export class Copying {
  readonly source: SourcePort
  readonly destination: DestinationPort
  readonly markerWriter: MarkerWriter
  readonly clock: Clock
  readonly log: Log
  readonly counters: Counters
  readonly ends = new SourceEnds()
  readonly health = new Health()
  readonly strikes = new Strikes()
  readonly epochKeeper: EpochKeeper | null
  readonly gate: FetchGate
  readonly held: HeldRecords
  /** Bytes that Fetch requests on their way may bring. */
  comingBytes = 0
  readonly #weightOf: (topic: string) => number
  readonly #sourceTopic: (mirror: string) => string
  readonly #damaged: CopyingOptions['damaged']
  readonly #facts: (at: TopicPartition) => PartitionFacts
  readonly #mayWrite: () => boolean
  #looksAgain = false
  readonly #copiers = new Map<string, PartitionCopier>()
  /** The broker that led a partition when it recovered: all it sends until the next recovery goes there, in order. */
  readonly #homes = new Map<PartitionCopier, number>()
  /** Of which no late request can be taken any more: a marker of this worker came after it. */
  readonly #fencedOff = new Set<PartitionCopier>()
  readonly #fetchLoops = new Map<number, FetchLoop>()
  readonly #produceLanes = new Map<string, ProduceLane>()
  readonly #markerLanes = new Map<number, MarkerLane>()
  readonly #recovery = new Recovery(this)
  readonly #stop = new AbortController()
  /** Removed, but with requests on their way. */
  readonly #leaving = new Set<PartitionCopier>()
  readonly #running: Promise<void>[] = []
  readonly #sending = new Set<Promise<void>>()
  #fence: Fault | null = null
  #fencedBy = 0

  constructor(options: CopyingOptions) {
    this.source = options.source
    this.destination = options.destination
    this.markerWriter = options.writer
    this.clock = options.clock
    this.log = options.log
    this.#sourceTopic = options.sourceTopic
    this.#damaged = options.damaged
    this.gate = options.gate ?? new FetchGate(null, options.clock)
    this.held = options.held ?? new HeldRecords()
    this.held.join(this)
    this.#weightOf = options.weightOf ?? (() => 1)
    this.#facts = options.facts ?? (() => NO_FACTS)
    this.#mayWrite = options.mayWrite ?? (() => true)
    this.counters = options.counters ?? new Counters()
    this.epochKeeper = options.epochs === undefined ? null : new EpochKeeper(this, options.epochs)
    this.#running.push(this.#recovery.run())
  }

  get stopping(): boolean {
    return this.#stop.signal.aborted
  }
  get stopSignal(): AbortSignal {
    return this.#stop.signal
  }
  /** Things that happened and are over: counted, since nothing stands still because of them. */
  get events(): Tally {
    return this.counters.events
  }
  /** Asked before each write: nothing is sent by a worker whose place another may have by now. */
  get mayWrite(): boolean {
    const may = this.#mayWrite()
    if (!may) this.#lookAgain()
    return may
  }
  /** Set once another worker has taken over: from then on this one sends nothing. */
  get fence(): Fault | null {
    return this.#fence
  }
  /** The highest generation that was seen to have written; 0 where none above ours was. */
  get overtakenBy(): number {
    return this.#fencedBy
  }
  get heldBytes(): number {
    let sum = 0
    for (const copier of this.#copiers.values()) sum += copier.heldBytes
    return sum
  }
  get partitionCount(): number {
    return this.#copiers.size
  }
  copiers(): IterableIterator<PartitionCopier> {
    return this.#copiers.values()
  }
  copiersIn(phase: CopierPhase): PartitionCopier[] {
    return [...this.#copiers.values()].filter((copier) => copier.phase === phase)
  }
  copierOf(at: TopicPartition): PartitionCopier | null {
    return this.#copiers.get(nameOf(at)) ?? null
  }
  sourceOf({ topic, partition }: TopicPartition): TopicPartition {
    return { topic: this.#sourceTopic(topic), partition }
  }
  ledAtSource(node: number): PartitionCopier[] {
    return [...this.#copiers.values()].filter((c) => this.source.leaderOf(this.sourceOf(c.at)) === node)
  }

  /** How a partition stands for the order of the next Fetch. */
  candidateOf(copier: PartitionCopier, now: number): Candidate {
    const weight = this.#weightOf(this.#sourceTopic(copier.at.topic))
    const latest = this.ends.latest(copier)
    if (latest === null) return { copier, weight, behind: null, bytes: Infinity, closeness: 'far' }
    const behind = Math.max(0, latest.end - copier.fetchOffset)
    const bytes = behind * (this.counters.bytesPerOffset ?? UNKNOWN_OFFSET_BYTES)
    if (bytes <= limits.liveBytesMax) return { copier, weight, behind, bytes, closeness: 'near' }
    const lateMs = this.ends.behindMs(copier, copier.fetchOffset, null, now)
    const isLive = lateMs !== null && lateMs <= limits.liveMs
    return { copier, weight, behind, bytes, closeness: isLive ? 'live' : 'far' }
  }

  /** Begins to copy a partition of a mirror that exists and is seeded. */
  add(at: TopicPartition): PartitionCopier {
    const known = this.#copiers.get(nameOf(at))
    if (known !== undefined) {
      // Metadata that somebody else refreshed may name a broker that nobody reads from yet.
      this.#loopOf(known)
      return known
    }
    const copier = new PartitionCopier(at, this.markerWriter, this.source.memory)
    this.#copiers.set(nameOf(at), copier)
    if (this.#fence !== null) copier.raise(this.#fence)
    this.#recovery.wake()
    this.#readFromLeaderOf(copier)
    return copier
  }

  /** Stops copying a partition; what is on its way lands or not, and nobody counts on it. */
  remove(at: TopicPartition): void {
    const copier = this.#copiers.get(nameOf(at))
    if (copier === undefined) return
    copier.stop()
    this.#copiers.delete(nameOf(at))
    this.#homes.delete(copier)
    this.#fencedOff.delete(copier)
    this.ends.forget(copier)
    this.strikes.clear(copier)
    if (!copier.settled) this.#leaving.add(copier)
  }

  /** Copies nothing of a partition for now, and keeps it in sight. */
  rest(at: TopicPartition): void {
    const copier = this.add(at)
    if (copier.phase === 'stopped') return
    copier.stop()
    if (!copier.settled) this.#leaving.add(copier)
  }

  /** Stops copying a mirror; resolves when nothing is on its way to it any more. */
  async removeAll(mirror: string): Promise<void> {
    const own = [...this.#copiers.values()].filter(({ at }) => at.topic === mirror)
    if (own.length === 0) return
    for (const { at } of own) this.remove(at)
    await this.removed()
  }

  /** Resolves when nothing is on its way any more for partitions that were removed. */
  async removed(): Promise<void> {
    for (const copier of this.#leaving) {
      while (!copier.settled && !this.stopping) await this.clock.sleep(LEAVING_POLL_MS, this.stopSignal)
      this.#leaving.delete(copier)
    }
  }

  /**
   * Stops everything; resolves when no loop runs any more and every request has its answer: whoever goes on from the
   * log's end must not meet a marker that was still on its way.
   */
  async stop(): Promise<void> {
    await this.halt()
    await Promise.all(this.#running)
  }

  /** The same, but without waiting for what only reads: from now on nothing is written. */
  async halt(): Promise<void> {
    for (const copier of this.#copiers.values()) copier.stop()
    this.#stop.abort()
    this.#recovery.wake()
    for (const loop of this.#fetchLoops.values()) loop.wake()
    await Promise.all(this.#sending)
    this.held.leave(this)
  }

  /** Goes on with what waits while this worker is not sure of its place, once it is. */
  #lookAgain(): void {
    if (this.#looksAgain || this.stopping) return
    this.#looksAgain = true
    this.clock.after(PLACE_POLL_MS, () => {
      this.#looksAgain = false
      if (!this.stopping && this.mayWrite) this.settled([])
    })
  }

  /** Keeps account of a request on its way. */
  sending(request: Promise<void>): void {
    this.#sending.add(request)
    void request.then(() => this.#sending.delete(request))
  }

  /** These partitions changed: see what each may do next, and let the lanes and fetch loops go on. */
  settled(copiers: readonly PartitionCopier[]): void {
    for (const copier of copiers) this.#route(copier)
    for (const lane of this.#produceLanes.values()) lane.pump()
    for (const lane of this.#markerLanes.values()) lane.pump()
    // Thousands of answers a second come here: a fetch loop looks again only when there may be something to fetch.
    if (!copiers.some((copier) => copier.heldBytes < limits.partitionBytesLow)) return
    for (const loop of this.#fetchLoops.values()) loop.wake()
  }

  resumed(copier: PartitionCopier, node: number): void {
    this.#homes.set(copier, node)
    this.counters.recoveries++
    const why = this.strikes.add(copier, this.clock.now())
    if (why !== null) {
      copier.raise(fault('PARTITION_STUCK', `${nameOf(copier.at)}: ${why}`, { ...copier.at, why }))
      return
    }
    this.log.debug({ ...copier.at, offset: copier.confirmed }, 'copying from here')
    this.#readFromLeaderOf(copier)
  }

  /** A request without an answer: what it carried may have landed or not. */
  lost(
    outgoing: readonly { readonly copier: PartitionCopier; readonly sending: Sending }[],
    error: unknown,
  ): void {
    for (const { copier, sending } of outgoing) {
      copier.fail(sending)
      this.#fencedOff.delete(copier)
      this.troubled(copier, messageOf(error))
    }
  }

  factsOf(copier: PartitionCopier): PartitionFacts {
    return this.#facts(copier.at)
  }

  /** Stops a partition for good: going on would only hide that its log is wrong. */
  damaged(copier: PartitionCopier, found: Fault): void {
    copier.raise(found)
    this.#damaged(copier.at, found)
  }

  /** The same, with who stands at `offset` of the mirror in our place, where that can be read. */
  diverged(copier: PartitionCopier, found: Fault, offset: number): void {
    copier.raise(found)
    this.sending(this.#namingWriter(copier, found, offset))
  }

  async #namingWriter(copier: PartitionCopier, found: Fault, offset: number): Promise<void> {
    let named = found
    try {
      const node = this.#homes.get(copier) ?? this.destination.leaderOf(copier.at)
      if (node !== null) {
        const [tail] = await this.destination.tails(node, [{ ...copier.at, offset }])
        const [state] = await this.destination.producers(node, [copier.at])
        const own = new Set([...this.factsOf(copier).writers, this.markerWriter.producerId])
        if (tail?.batch) named = divergedBy(found, tail.batch, { producers: state?.producers ?? [], own })
      }
    } catch (error) {
      this.log.warn({ ...copier.at, why: messageOf(error) }, 'who wrote to the mirror is not known')
    }
    this.damaged(copier, named)
  }

  /** A write of the partition failed in a way that recovery may cure; `waits` when the destination said for what. */
  troubled(copier: PartitionCopier, why: string, waits: Fault | null = null): void {
    this.log.warn({ ...copier.at, why }, 'sending failed, recovering')
    this.strikes.note(copier, why, waits)
    this.#recovery.wake()
  }

  isFencedOff(copier: PartitionCopier): boolean {
    return this.#fencedOff.has(copier)
  }
  fencedOff(copier: PartitionCopier): void {
    this.#fencedOff.add(copier)
  }

  fenced(copier: PartitionCopier, errorCode: number): void {
    this.#stopFenced(`${nameOf(copier.at)}: a marker was refused (${errorCode})`, { ...copier.at, errorCode })
  }
  fencedBy(copier: PartitionCopier, generation: number): void {
    const text = `${nameOf(copier.at)}: generation ${generation} has written, ours is ${this.markerWriter.generation}`
    this.#fencedBy = Math.max(this.#fencedBy, generation)
    this.#stopFenced(text, { ...copier.at, generation })
  }

  async refreshSource(): Promise<void> {
    await this.#refresh(() => this.source.refresh(), 'source')
    for (const copier of this.#copiers.values()) this.#readFromLeaderOf(copier)
  }
  async refreshDestination(): Promise<void> {
    await this.#refresh(() => this.destination.refresh(), 'destination')
  }

  /** Asks again where the source ends, for partitions that no Fetch has told of lately: full, waiting or standing. */
  async refreshEnds(olderThanMs: number): Promise<void> {
    const now = this.clock.now()
    const stale = [...this.#copiers.values()].filter((copier) => {
      const latest = this.ends.latest(copier)
      const { phase } = copier
      // A fault hides no lag; but ends are asked for by name, and another topic's say nothing.
      const stands = phase === 'faulted' && copier.fault?.code.startsWith('SOURCE_TOPIC_') === false
      const isSeen = phase === 'copying' || phase === 'stopped' || stands
      return isSeen && (latest === null || now - latest.at > olderThanMs)
    })
    const byNode = Map.groupBy(stale, (copier) => this.source.leaderOf(this.sourceOf(copier.at)))
    for (const [node, group] of byNode) {
      if (node === null) continue
      const answers = await this.source.ranges(
        node,
        group.map((copier) => this.sourceOf(copier.at)),
      )
      for (const [index, { errorCode, end }] of answers.entries()) {
        if (errorCode === 0) this.ends.note(group[index]!, end, now)
      }
    }
  }

  /** Tries partitions again that were refused something which may have been granted or changed since. */
  retryRefused(): void {
    for (const copier of this.copiersIn('faulted')) {
      if (copier.fault === null || !RETRIED_FAULTS.has(copier.fault.code)) continue
      this.remove(copier.at)
      this.add(copier.at)
    }
  }

  /** The source's leader says that its log is not the one that was copied. */
  truncated(copier: PartitionCopier, diverging: NonNullable<Fetched['diverging']>): void {
    const names = { at: copier.at, source: this.sourceOf(copier.at) }
    const position = { offset: copier.position, epoch: copier.lastEpoch }
    this.damaged(copier, epochRegressed(names, position, diverging))
  }

  /** The source does not have the offset asked for: either it deleted records, or it lost its tail. */
  async outOfRange(copier: PartitionCopier): Promise<void> {
    const at = this.sourceOf(copier.at)
    const offset = copier.position
    const node = this.source.leaderOf(at)
    if (node === null) return
    try {
      const [answer] = await this.source.ranges(node, [at])
      const moved = copier.position !== offset || copier.phase !== 'copying'
      if (answer === undefined || answer.errorCode !== 0 || moved) return
      const names = { at: copier.at, source: at }
      if (offset < answer.start) {
        // What was read before goes over first: the next fetch says it again.
        if (copier.confirmed === offset) copier.raise(retentionOvertook(names, offset, answer))
      } else if (offset > answer.end) this.damaged(copier, sourceEndsEarlier(names, offset, answer))
      else copier.compareFrom(answer.start)
    } catch (error) {
      this.log.warn({ ...at, why: messageOf(error) }, 'range of the source not read')
    }
  }

  #stopFenced(text: string, evidence: Fault['evidence']): void {
    this.#fence ??= fault('FENCED', text, evidence)
    for (const copier of this.#copiers.values()) copier.raise(this.#fence)
  }

  async #refresh(refresh: () => Promise<void>, side: string): Promise<void> {
    try {
      await refresh()
    } catch (error) {
      this.log.warn({ side, why: messageOf(error) }, 'metadata not refreshed')
    }
  }

  #route(copier: PartitionCopier): void {
    const first = copier.queue.first()
    const node = this.#homes.get(copier)
    if (copier.phase === 'recovering') this.#recovery.wake()
    if (copier.phase !== 'copying' || first === undefined || node === undefined) return
    if (first.kind === 'batch') this.#produceLane(node, copier.at.partition).enqueue(copier)
    else this.#markerLane(node).enqueue(copier)
  }

  #produceLane(node: number, partition: number): ProduceLane {
    const lane = partition % limits.produceLanes
    const key = `${node}/${lane}`
    let found = this.#produceLanes.get(key)
    if (found === undefined) {
      found = new ProduceLane(this, this.destination, node, lane)
      this.#produceLanes.set(key, found)
    }
    return found
  }

  #markerLane(node: number): MarkerLane {
    let found = this.#markerLanes.get(node)
    if (found === undefined) {
      found = new MarkerLane(this, this.destination, node)
      this.#markerLanes.set(node, found)
    }
    return found
  }

  /** The source broker that leads the partition gets a loop that reads from it, and looks at once. */
  #readFromLeaderOf(copier: PartitionCopier): void {
    this.#loopOf(copier)?.wake()
  }

  #loopOf(copier: PartitionCopier): FetchLoop | null {
    const node = this.source.leaderOf(this.sourceOf(copier.at))
    if (node === null || this.stopping) return null
    let loop = this.#fetchLoops.get(node)
    if (loop === undefined) {
      loop = new FetchLoop(this, node)
      this.#fetchLoops.set(node, loop)
      this.#running.push(loop.run())
    }
    return loop
  }
}
