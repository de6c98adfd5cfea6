import { messageOf } from '../base/error.ts'
import { FetchGate } from './budget/gate.ts'
import { weigher } from './budget/priority.ts'
import { Copying } from './copy/copying.ts'
import { NO_FACTS, type PartitionFacts } from './copy/facts.ts'
import type { SideName } from './copy/health.ts'
import { Signal } from './copy/signal.ts'
import { MirroredPartitions } from './groups/mirrored.ts'
import type { GroupDestination, GroupSource } from './groups/port.ts'
import { GroupSync } from './groups/sync.ts'
import { Heeding } from './intents/heed.ts'
import { Obeying } from './intents/obey.ts'
import { keepUp } from './mirrors/keep-up.ts'
import { isCopied } from './mirrors/life.ts'
import { Mirror, type MirrorContext } from './mirrors/mirror.ts'
import { Mirrors } from './mirrors/mirrors.ts'
import type { MirrorDestination, MirrorSource, TopicInfo } from './mirrors/port.ts'
import { namedInFull, nameMatcher } from './names.ts'
import type { TopicPartition } from './port.ts'
import { Reporting } from './report/reporting.ts'
import type { SessionOptions } from './session-options.ts'
import { EpochBook } from './share/epoch-book.ts'
import { Findings } from './share/findings.ts'
import { type Held, Others } from './share/others.ts'
import { Told } from './share/told.ts'
import type { ReceiptRecord } from './state/intents.ts'
import type { Fault, GroupStatus } from './status.ts'
import { GoneTopics } from './travel/gone-topics.ts'
import { groupMemory } from './travel/group-memory.ts'
import { Traveller, type TravelScene } from './travel/travel.ts'

const DISCOVER_EVERY_MS = 2_000
const KEEP_UP_EVERY_MS = 30_000
const GROUPS_EVERY_MS = 2_000
const SHARE_GROUPS_EVERY_MS = 5_000
const ENDS_EVERY_MS = 5_000
const TRAVEL_EVERY_MS = 5_000
const REPORT_EVERY_MS = 3_000
/** Mirrors made at the same time; more would only queue at the destination's controller. */
const MIRRORS_AT_ONCE = 8

/**
 * One stretch of work on a link by one of its workers, from start, resume or a new generation to pause, stop or the
 * next generation: discovery and copying of its own share; at the leading worker mirrors, settings and groups as well.
 */
export class LinkSession {
  readonly copying: Copying
  readonly groups: GroupSync
  readonly shareGroups: GroupSync | null
  readonly traveller: Traveller | null
  readonly others: Others
  readonly #obeying: Obeying
  readonly #heeding: Heeding
  readonly #reporting: Reporting
  readonly #options: SessionOptions
  readonly #matches: (topic: string) => boolean
  readonly #mirrors: Mirrors
  readonly #mirrored: MirroredPartitions
  readonly #gone: GoneTopics
  #topics: readonly TopicInfo[] = []
  #discovered = false
  /** When the last look at the source's topics began. */
  #seenFrom = 0
  #limitShare = 1
  readonly #wakeDiscovery = new Signal()
  #running: Promise<unknown> = Promise.resolve()
  /** The part of it that writes. */
  #writing: Promise<unknown> = Promise.resolve()
  #remembering: Promise<void> = Promise.resolve()
  readonly #findings: Findings
  /** Topics whose mirrors were at rest when all workers began this session. */
  readonly #restedBefore: ReadonlySet<string>

  constructor(options: SessionOptions) {
    const { spec, ports, writer, share, counters, held, clock, log } = options
    this.#options = options
    this.#matches = nameMatcher(spec.topics)
    const resting = options.state.mirrors().filter(({ state, closing }) => closing || !isCopied(state))
    this.#restedBefore = new Set(resting.map(({ topic }) => topic))
    this.#mirrors = new Mirrors({
      prefix: spec.prefix,
      recordOf: (topic) => options.state.mirror(topic),
      make: (names, record) => new Mirror(names, record, this.#contextOfMirrors()),
    })
    this.#findings = new Findings({ spec, share, state: options.state, mirrors: this.#mirrors, log })
    this.copying = new Copying({
      source: ports.source,
      destination: ports.destination,
      writer,
      sourceTopic: (mirror) => this.#mirrors.topicOf(mirror),
      gate: new FetchGate(spec.limit ?? null, clock),
      weightOf: weigher(spec.priority ?? []),
      damaged: (at, found) => {
        const topic = this.#mirrors.topicOf(at.topic)
        const work = () => this.#findings.keep({ topic, partition: at.partition }, found)
        this.#remembering = this.#remembering.then(work)
      },
      facts: (at) => this.#factsOf(at),
      epochs: new EpochBook({ spec, state: options.state, mirrors: this.#mirrors }),
      mayWrite: share.mayWrite,
      ...{ counters, held, clock, log },
    })
    this.others = new Others({ ...ports, held: () => this.#notCopiedHere(), clock })
    this.#mirrored = new MirroredPartitions({
      ...{ mirrors: this.#mirrors, copying: this.copying, others: this.others, share },
      isOver: (topic) => stopsCopying(this.#mirrors.get(topic)?.fault ?? null),
    })
    const { shareSource, shareDestination } = ports
    this.groups = this.#sync(ports.groupSource, ports.groupDestination, namedInFull(spec.groups))
    this.shareGroups =
      shareSource === undefined || shareDestination === undefined || spec.groups.length === 0
        ? null
        : this.#sync(shareSource, shareDestination, [])
    this.#gone = new GoneTopics({ ...options, mirrors: this.#mirrors, copying: this.copying })
    this.#obeying = this.#obey()
    this.#heeding = new Heeding({ ...options, mirrors: this.#mirrors, copying: this.copying })
    this.#reporting = new Reporting({ ...options, session: this })
    const scene = () => this.#scene()
    this.traveller =
      ports.travel === undefined ? null : new Traveller({ spec, ports: ports.travel, scene, clock, log })
  }

  #obey(): Obeying {
    const { spec, ports, share, intents, clock, log } = this.#options
    const { source, groupSource, destination } = ports
    const { copying, groups, others } = this
    const house = {
      ...{ link: spec.name, source, groupSource, destination, copying, groups, others, share, clock, log },
      told: () => this.told(),
      mirrorOf: (topic: string) => this.#mirrors.known(topic),
      settle: (mirror: Mirror) => this.#settle(mirror),
      restedBefore: (mirror: Mirror) => this.#restedBefore.has(mirror.topic),
      saveReceipt: async (receipt: ReceiptRecord) => await intents?.saveReceipt(receipt),
    }
    return new Obeying(house, () => intents?.list() ?? [])
  }

  /**
   * Resolves when nobody copies a mirror that is to rest. Other workers surely do not once all have begun anew, since
   * nobody joins before its work is settled; so a shared link does that first. @throws while it does
   */
  async #settle(mirror: Mirror): Promise<void> {
    this.#copy(mirror)
    await this.copying.removed()
    if (mirror.copies || !this.#options.share.isShared || this.#restedBefore.has(mirror.topic)) return
    this.#options.share.startOver('a mirror is to rest')
    throw new Error('all workers begin anew, so that none copies the mirror any more')
  }

  #factsOf({ topic, partition }: TopicPartition): PartitionFacts {
    const mirror = this.#mirrors.get(this.#mirrors.topicOf(topic))
    return mirror?.notes.factsOf(partition) ?? NO_FACTS
  }

  #sync(source: GroupSource, destination: GroupDestination, expected: readonly string[]): GroupSync {
    const { spec, ports, clock, log } = this.#options
    return new GroupSync({
      ...{ source, destination, expected, clock, log },
      matches: nameMatcher(spec.groups),
      partitions: () => this.#mirrored.awaited(this.#topics),
      mirrored: (at) => this.#mirrored.find(at),
      seenSince: (instant) => this.#seenFrom > instant,
      mayWrite: () => this.copying.mayWrite,
      look: () => this.others.lookAtDestination(),
      ...(ports.travel !== undefined && { memory: groupMemory(ports.travel.book) }),
    })
  }

  /** What decides which ACLs travel. */
  #scene(): TravelScene {
    const made = [...this.#mirrors.values()].filter(({ sourceTopicId }) => sourceTopicId !== null)
    const kept = made.filter((mirror) => !mirror.released)
    const mirrors = new Map(kept.map(({ topic, name }) => [topic, name]))
    const settings = kept.map(({ name, withheld, skippedSettings }) => {
      return { mirror: name, withheld, skipped: skippedSettings }
    })
    const groups = this.groups.status().map(({ group }) => group)
    const released = new Set(made.filter((mirror) => mirror.released).map(({ topic }) => topic))
    return { mirrors, released, groups, settings, deletions: this.#gone.told }
  }

  /** True once the source's topics have been seen and mirrors were tried. */
  get discovered(): boolean {
    return this.#discovered
  }
  /** Groups of all kinds. */
  groupStatus(): GroupStatus[] {
    return [...this.groups.status(), ...(this.shareGroups?.status() ?? [])]
  }
  /** What the link's workers tell of their shares. */
  told(): Told {
    const { reports, writer } = this.#options
    return new Told(reports?.list() ?? [], writer.generation)
  }
  /** Repairs that the leading worker has begun and this one has done its part of. */
  obeyed(): string[] {
    return this.#heeding.done()
  }
  mirrors(): IterableIterator<Mirror> {
    return this.#mirrors.values()
  }

  start(): void {
    const { share } = this.#options
    this.#writing = Promise.all([this.#discovering(), share.isLeader ? this.#lookingAfter() : null])
    this.#running = Promise.all([
      this.#every(ENDS_EVERY_MS, 'source ends', () => this.copying.refreshEnds(ENDS_EVERY_MS)),
      this.#every(ENDS_EVERY_MS, 'ends of others', () => this.others.look()),
      this.#every(REPORT_EVERY_MS, 'report', () => this.#reporting.step()),
    ])
  }

  /** What the leading worker does for all. */
  async #lookingAfter(): Promise<void> {
    await Promise.all([
      this.#every(KEEP_UP_EVERY_MS, 'keeping up', () => this.#keepUp()),
      this.#every(GROUPS_EVERY_MS, 'groups', async () => {
        if (this.#discovered) await this.groups.step()
      }),
      this.#every(SHARE_GROUPS_EVERY_MS, 'share groups', async () => {
        if (this.#discovered) await this.shareGroups?.step()
      }),
      this.#obeying.run(),
      this.#every(TRAVEL_EVERY_MS, 'travel', async () => {
        if (this.#discovered) await this.traveller?.step()
      }),
    ])
  }

  /** Something in the state topic has changed that may matter here. */
  stateChanged(): void {
    this.#wakeDiscovery.give()
    this.#obeying.wake()
  }

  async stop(): Promise<void> {
    await this.halt()
    await Promise.all([this.copying.stop(), this.#running])
  }

  /** The same, but without waiting for what only reads: when it resolves, nothing of this session writes any more. */
  async halt(): Promise<void> {
    this.stateChanged()
    await this.copying.halt()
    await this.#writing
    await this.#remembering
    if (!this.#options.share.isLeader) return
    try {
      await this.groups.close()
      await this.shareGroups?.close()
    } catch (error) {
      this.#options.log.warn({ why: messageOf(error) }, 'positions not noted for the next worker')
    }
  }

  /** Every two seconds, and when the state topic tells of a change. */
  async #discovering(): Promise<void> {
    const { clock, log } = this.#options
    while (!this.copying.stopping) {
      try {
        await this.#discover()
        await this.#findings.takeOver()
        if (!this.#options.share.isLeader) this.#heeding.step()
      } catch (error) {
        log.warn({ what: 'discovery', why: messageOf(error) }, 'a round of the link failed')
      }
      if (!this.copying.stopping) await this.#wakeDiscovery.wait(DISCOVER_EVERY_MS, clock)
    }
  }

  async #every(pauseMs: number, what: string, step: () => Promise<void>): Promise<void> {
    const { clock, log } = this.#options
    while (!this.copying.stopping) {
      try {
        await step()
      } catch (error) {
        log.warn({ what, why: messageOf(error) }, 'a round of the link failed')
      }
      await clock.sleep(pauseMs, this.copying.stopSignal)
    }
  }

  /** Finds topics and partitions that are new, gone or changed, and lets their mirrors follow. */
  async #discover(): Promise<void> {
    const { source, destination, destinationClusterId } = this.#options.ports
    const from = this.#options.clock.now()
    const [all, existing] = await Promise.all([
      this.#topicsOf('source', source),
      this.#topicsOf('destination', destination),
    ])
    const names = all.map(({ name }) => name)
    const returning = await source.mirrorsOf(destinationClusterId, names)
    this.#topics = all.filter(({ name }) => this.#matches(name) && !returning.has(name))
    const atDestination = new Map(existing.map((topic) => [topic.name, topic]))
    const queue = [...this.#topics]
    const follow = async () => {
      for (let topic = queue.shift(); topic !== undefined; topic = queue.shift()) {
        if (this.copying.stopping) return
        const mirror = this.#mirrors.of(topic.name)
        const there = atDestination.get(mirror.name) ?? null
        if (this.#options.share.isLeader) await this.#lookAfter(mirror, topic, there)
        else await this.#watch(mirror, topic, there)
      }
    }
    await Promise.all(Array.from({ length: MIRRORS_AT_ONCE }, follow))
    const present = new Set(this.#topics.map(({ name }) => name))
    for (const name of namedInFull(this.#options.spec.topics)) if (!present.has(name)) this.#mirrors.of(name)
    this.#knowAgain()
    const missing = [...this.#mirrors.values()].filter(({ topic }) => !present.has(topic))
    for (const mirror of missing) {
      mirror.sourceGone()
      this.#copy(mirror)
    }
    this.#shareLimit()
    this.#discovered = true
    this.#seenFrom = from
    if (this.#options.share.isLeader) await this.#gone.follow(missing, { visible: all.length, atDestination })
    else await this.#gone.forgetEnded(missing)
  }

  /** Mirrors that an earlier worker made of topics that are gone by now. */
  #knowAgain(): void {
    for (const { topic, state } of this.#options.state.mirrors()) {
      const isOurs = this.#matches(topic) && !this.#mirrors.wasForgotten(topic)
      // One that was never finished holds nothing worth telling of.
      if (isOurs && state !== 'seeding') this.#mirrors.of(topic)
    }
  }

  /** The link's limit holds for all workers together: each has the part of its partitions. */
  #shareLimit(): void {
    const held = [...this.#mirrors.values()].flatMap(({ topic, readyPartitions }) =>
      Array.from({ length: readyPartitions }, (_, partition) => this.isOwn(topic, partition)),
    )
    const own = held.filter(Boolean).length
    const share = held.length === 0 ? 1 : own / held.length
    if (share !== this.#limitShare) this.copying.gate.share = share
    this.#limitShare = share
  }

  async #lookAfter(mirror: Mirror, topic: TopicInfo, there: TopicInfo | null): Promise<void> {
    if (mirror.replacing !== null && !(await this.#replace(mirror, there))) return
    const presence = mirror.presence(there)
    if (presence === 'unsure') return
    if (presence === 'gone') {
      if (this.#options.share.isShared) {
        // Others may still count on it: all stop, and whoever leads then makes it again.
        await mirror.notes.goes()
        this.#options.share.startOver('a mirror was deleted')
        return
      }
      await this.#startOver(mirror)
    }
    await mirror.follow(topic, there)
    this.#copy(mirror)
  }

  async #watch(mirror: Mirror, topic: TopicInfo, there: TopicInfo | null): Promise<void> {
    const known = mirror.topicId
    mirror.watch(this.#options.state.mirror(topic.name), topic, there)
    // Another topic than the one copied so far, or none: nothing that was meant for it may go to the next.
    const isSame = mirror.readyPartitions > 0 && mirror.topicId === known
    if (!isSame) await this.copying.removeAll(mirror.name)
    this.#copy(mirror)
  }

  /** Also the heartbeat of a link that has nothing to copy: a cluster that does not answer here is told. */
  async #topicsOf(name: SideName, side: MirrorSource | MirrorDestination): Promise<readonly TopicInfo[]> {
    const { health, clock } = this.copying
    try {
      const topics = await side.topics()
      health.answered(name, 'cluster')
      return topics
    } catch (error) {
      health.failed(name, 'cluster', messageOf(error), clock.now())
      throw error
    }
  }

  /** Deletes a mirror that is to be made anew; true once it is gone and may be made. */
  async #replace(mirror: Mirror, there: TopicInfo | null): Promise<boolean> {
    const { destination } = this.#options.ports
    this.#copy(mirror)
    await this.copying.removed()
    if (there !== null && there.id === mirror.replacing) {
      await destination.remove?.(mirror.name)
      return false
    }
    await this.#startOver(mirror)
    return true
  }

  /** Before a mirror is made again, nothing meant for the one before may be on its way. */
  async #startOver(mirror: Mirror): Promise<void> {
    this.#options.log.warn({ mirror: mirror.name }, 'the mirror was deleted and is made again')
    await this.copying.removeAll(mirror.name)
    mirror.forget()
  }

  /** Partitions of a sound mirror are copied; those of a mirror that is not the source's any more stand still. */
  #copy(mirror: Mirror): void {
    if (mirror.sourceTopicId !== null) this.#options.ports.source.pin(mirror.topic, mirror.sourceTopicId)
    for (let partition = 0; partition < mirror.readyPartitions; partition++) {
      if (this.#ownerOf(mirror.topic, partition) !== null) continue
      const at = { topic: mirror.name, partition }
      if (!mirror.copies) {
        this.copying.rest(at)
        continue
      }
      if (this.copying.copierOf(at)?.phase === 'stopped') this.copying.remove(at)
      const copier = this.copying.copierOf(at)
      if (mirror.fault === null) {
        // A topic that was gone and is back, the same one as before.
        if (copier?.phase === 'faulted' && stopsCopying(copier.fault)) this.copying.remove(at)
        const damage = mirror.notes.damageTo(partition)
        const added = this.copying.add(at)
        if (damage !== null && added.phase !== 'faulted') added.raise(damage)
      } else if (stopsCopying(mirror.fault)) copier?.raise(mirror.fault)
    }
  }

  /** Settings and deleted records, less often than the rest since each topic costs requests. */
  async #keepUp(): Promise<void> {
    const { spec, ports } = this.#options
    const { source, destination } = ports
    this.copying.retryRefused()
    const sound = this.#topics.filter(({ name }) => {
      const mirror = this.#mirrors.get(name)
      return mirror?.fault === null && !mirror.released
    })
    const effective = spec.travel?.configs.defaults === 'source'
    const pairs = sound.map((topic) => ({ topic, mirror: this.#mirrors.of(topic.name) }))
    await keepUp({ source, destination, effective, pairs })
  }

  #contextOfMirrors(): MirrorContext {
    const { spec, ports, writer, state, claimed } = this.#options
    return {
      link: spec.name,
      source: ports.source,
      destination: ports.destination,
      data: ports.destination,
      writer,
      start: spec.start,
      ...(spec.travel !== undefined && { configs: spec.travel.configs }),
      ...(claimed !== undefined && { claimed }),
      save: (noted) => state.saveMirror(noted),
      stopping: () => this.copying.stopping || !this.copying.mayWrite,
    }
  }

  /** The name of the worker that copies a partition of the source; null where it is this one. */
  #ownerOf(topic: string, partition: number): string | null {
    return this.#options.share.otherOwnerOf({ topic, partition })
  }

  /** What others copy, and what rests without this worker ever having read where it ends. */
  #notCopiedHere(): Held[] {
    return [...this.#mirrors.values()].flatMap(({ topic, name, readyPartitions, released }) =>
      Array.from({ length: readyPartitions }, (_, partition) => partition).flatMap((partition) => {
        const mirror = { topic: name, partition }
        if (this.isOwn(topic, partition)) {
          const copier = this.copying.copierOf(mirror)
          if (released || copier?.phase !== 'stopped' || copier.confirmed !== null) return []
        }
        return [{ source: { topic, partition }, mirror }]
      }),
    )
  }

  isOwn(topic: string, partition: number): boolean {
    return this.#ownerOf(topic, partition) === null
  }
  /** Who copies a partition, for status. */
  holderOf(topic: string, partition: number): string {
    return this.#ownerOf(topic, partition) ?? this.#options.share.self
  }
}

/** Faults of a whole mirror after which nothing may be appended; others only keep new partitions waiting. */
const ENDS_OF_A_MIRROR = new Set([
  'SOURCE_TOPIC_DELETED',
  'SOURCE_TOPIC_RECREATED',
  'MIRROR_PARTITIONS',
  'MIRROR_NOT_EMPTY',
  'MIRROR_CLAIMED',
])

function stopsCopying(fault: Fault | null): boolean {
  return fault !== null && ENDS_OF_A_MIRROR.has(fault.code)
}
