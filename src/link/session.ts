import type { Clock } from '../base/clock.ts'
import { messageOf } from '../base/error.ts'
import type { Log } from '../base/log.ts'
import { FetchGate } from './budget/gate.ts'
import { weigher } from './budget/priority.ts'
import { Copying, type PartitionFacts } from './copy/copying.ts'
import type { SideName } from './copy/health.ts'
import type { GroupDestination, GroupSource } from './groups/port.ts'
import { GroupSync, type Mirrored } from './groups/sync.ts'
import { Mirror } from './mirrors/mirror.ts'
import type { MirrorDestination, MirrorSource, TopicInfo } from './mirrors/port.ts'
import { namedInFull, nameMatcher } from './names.ts'
import type { DestinationPort, MarkerWriter, SourcePort, TopicPartition } from './port.ts'
import type { LinkSpec } from './spec.ts'
import type { MirrorRecord } from './state/records.ts'
import type { Fault, GroupStatus } from './status.ts'
import { Deletions } from './travel/deletions.ts'
import { groupMemory } from './travel/group-memory.ts'
import { defaultTravel } from './travel/options.ts'
import type { OwnedChange } from './travel/owned.ts'
import { Traveller, type TravelPorts, type TravelScene } from './travel/travel.ts'

/** Everything of the two clusters that a session works with; real clusters and models both fit. */
export type SessionPorts = {
  readonly source: SourcePort & MirrorSource
  readonly destination: DestinationPort & MirrorDestination
  readonly groupSource: GroupSource
  readonly groupDestination: GroupDestination
  /** Share groups; left out: they stay where they are. */
  readonly shareSource?: GroupSource
  readonly shareDestination?: GroupDestination
  readonly destinationClusterId: string
  /** Left out: nothing travels but records and positions. */
  readonly travel?: TravelPorts
}

export type SessionOptions = {
  readonly spec: LinkSpec
  readonly ports: SessionPorts
  readonly writer: MarkerWriter
  readonly mirrors: readonly MirrorRecord[]
  readonly saveMirror: (record: MirrorRecord) => Promise<void>
  /** Ends what is known of the mirror of a topic. */
  readonly forgetMirror?: (topic: string) => Promise<void>
  readonly clock: Clock
  readonly log: Log
}

const DISCOVER_EVERY_MS = 2_000
const KEEP_UP_EVERY_MS = 30_000
const GROUPS_EVERY_MS = 2_000
const SHARE_GROUPS_EVERY_MS = 5_000
const ENDS_EVERY_MS = 5_000
const TRAVEL_EVERY_MS = 5_000
/** Mirrors made at the same time; more would only queue at the destination's controller. */
const MIRRORS_AT_ONCE = 8

/** One stretch of work on a link, from start or resume to pause or stop: discovery, copying, groups, keeping up. */
export class LinkSession {
  readonly copying: Copying
  readonly groups: GroupSync
  readonly shareGroups: GroupSync | null
  readonly traveller: Traveller | null
  readonly #options: SessionOptions
  readonly #matches: (topic: string) => boolean
  readonly #mirrors = new Map<string, Mirror>()
  readonly #sourceNames = new Map<string, string>()
  readonly #deletions: Deletions
  #deleted = 0
  /** Topics whose record was ended by this session: `mirrors` still has it. */
  readonly #forgotten = new Set<string>()
  #deletionNote: string | null = null
  #topics: readonly TopicInfo[] = []
  #discovered = false
  /** When the last look at the source's topics began. */
  #seenFrom = 0
  #running: Promise<unknown> = Promise.resolve()
  #remembering: Promise<void> = Promise.resolve()

  constructor(options: SessionOptions) {
    const { spec, ports, writer, clock, log } = options
    this.#options = options
    this.#matches = nameMatcher(spec.topics)
    this.copying = new Copying({
      source: ports.source,
      destination: ports.destination,
      writer,
      sourceTopic: (mirror) => this.#sourceNames.get(mirror) ?? mirror,
      gate: new FetchGate(spec.limit ?? null, clock),
      weightOf: weigher(spec.priority ?? []),
      damaged: (at, found) => {
        this.#remembering = this.#remembering.then(() => this.#remember(at, found))
      },
      facts: (at) => this.#factsOf(at),
      clock,
      log,
    })
    const { shareSource, shareDestination } = ports
    this.groups = this.#sync(ports.groupSource, ports.groupDestination, namedInFull(spec.groups))
    this.shareGroups =
      shareSource === undefined || shareDestination === undefined || spec.groups.length === 0
        ? null
        : this.#sync(shareSource, shareDestination, [])
    this.#deletions = new Deletions((spec.travel ?? defaultTravel).deletion)
    const scene = () => this.#scene()
    this.traveller =
      ports.travel === undefined ? null : new Traveller({ spec, ports: ports.travel, scene, clock, log })
  }

  #factsOf({ topic, partition }: TopicPartition): PartitionFacts {
    const mirror = this.#mirrors.get(this.#sourceNames.get(topic) ?? topic)
    return mirror?.factsOf(partition) ?? { writers: new Set(), acceptedTo: 0 }
  }

  #sync(source: GroupSource, destination: GroupDestination, expected: readonly string[]): GroupSync {
    const { spec, ports, clock, log } = this.#options
    return new GroupSync({
      ...{ source, destination, expected, clock, log },
      matches: nameMatcher(spec.groups),
      partitions: () => this.#mirroredPartitions(),
      mirrored: (at) => this.#mirrored(at),
      seenSince: (instant) => this.#seenFrom > instant,
      ...(ports.travel !== undefined && { memory: groupMemory(ports.travel.book) }),
    })
  }

  /** What decides which ACLs travel. */
  #scene(): TravelScene {
    const { spec } = this.#options
    const made = [...this.#mirrors.values()].filter(({ sourceTopicId }) => sourceTopicId !== null)
    const mirrors = new Map(made.map(({ topic, name }) => [topic, name]))
    const settings = made.map(({ name, withheld, skippedSettings }) => {
      return { mirror: name, withheld, skipped: skippedSettings }
    })
    const groups = this.groups.status().map(({ group }) => group)
    const policy = (spec.travel ?? defaultTravel).deletion.afterMs === null ? 'keep' : 'delete'
    const deletions = { policy, deleted: this.#deleted, note: this.#deletionNote } as const
    return { mirrors, released: new Set(), groups, settings, deletions }
  }

  /** True once the source's topics have been seen and mirrors were tried. */
  get discovered(): boolean {
    return this.#discovered
  }
  /** Groups of all kinds. */
  groupStatus(): GroupStatus[] {
    return [...this.groups.status(), ...(this.shareGroups?.status() ?? [])]
  }
  mirrors(): IterableIterator<Mirror> {
    return this.#mirrors.values()
  }

  start(): void {
    this.#running = Promise.all([
      this.#every(DISCOVER_EVERY_MS, 'discovery', () => this.#discover()),
      this.#every(KEEP_UP_EVERY_MS, 'keeping up', () => this.#keepUp()),
      this.#every(ENDS_EVERY_MS, 'source ends', () => this.copying.refreshEnds(ENDS_EVERY_MS)),
      this.#every(GROUPS_EVERY_MS, 'groups', () =>
        this.#discovered ? this.groups.step() : Promise.resolve(),
      ),
      this.#every(SHARE_GROUPS_EVERY_MS, 'share groups', async () => {
        if (this.#discovered) await this.shareGroups?.step()
      }),
      this.#every(TRAVEL_EVERY_MS, 'travel', async () => {
        if (this.#discovered) await this.traveller?.step()
      }),
    ])
  }

  async stop(): Promise<void> {
    await this.copying.stop()
    await this.#running
    await this.#remembering
    try {
      await this.groups.close()
      await this.shareGroups?.close()
    } catch (error) {
      this.#options.log.warn({ why: messageOf(error) }, 'positions not noted for the next worker')
    }
  }

  async #remember({ topic, partition }: TopicPartition, found: Fault): Promise<void> {
    try {
      await this.#mirrors.get(this.#sourceNames.get(topic) ?? topic)?.damaged(partition, found)
    } catch (error) {
      // Stored in a later round of discovery.
      this.#options.log.warn({ topic, partition, why: messageOf(error) }, 'damage not stored yet')
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
        const mirror = this.#mirrorOf(topic.name)
        const there = atDestination.get(mirror.name) ?? null
        const presence = mirror.presence(there)
        if (presence === 'unsure') continue
        if (presence === 'gone') await this.#startOver(mirror)
        await mirror.follow(topic, there)
        this.#copy(mirror)
      }
    }
    await Promise.all(Array.from({ length: MIRRORS_AT_ONCE }, follow))
    const present = new Set(this.#topics.map(({ name }) => name))
    for (const name of namedInFull(this.#options.spec.topics)) if (!present.has(name)) this.#mirrorOf(name)
    this.#knowAgain()
    const missing = [...this.#mirrors.values()].filter(({ topic }) => !present.has(topic))
    for (const mirror of missing) {
      mirror.sourceGone()
      this.#copy(mirror)
    }
    this.#discovered = true
    this.#seenFrom = from
    await this.#followGone(missing, { visible: all.length, atDestination })
  }

  /** Mirrors that an earlier worker made of topics that are gone by now. */
  #knowAgain(): void {
    for (const { topic, state } of this.#options.mirrors) {
      const isOurs = this.#matches(topic) && !this.#forgotten.has(topic)
      // One that was never finished holds nothing worth telling of.
      if (isOurs && state !== 'seeding') this.#mirrorOf(topic)
    }
  }

  /** What becomes of mirrors whose topics are gone: the link's policy, or the operator who deleted them already. */
  async #followGone(
    missing: readonly Mirror[],
    seen: { readonly visible: number; readonly atDestination: ReadonlyMap<string, TopicInfo> },
  ): Promise<void> {
    const isMade = ({ sourceTopicId, isMirror }: Mirror) => sourceTopicId !== null && isMirror
    const made = missing.filter(isMade)
    const mirrored = [...this.#mirrors.values()].filter(isMade).length
    const topics = made.map(({ topic }) => topic)
    const at = this.#options.clock.now()
    const { due, note } = this.#deletions.look({ at, visible: seen.visible, mirrored, missing: topics })
    this.#deletionNote = note
    for (const mirror of made) {
      const there = seen.atDestination.get(mirror.name) ?? null
      const presence = mirror.presence(there)
      if (presence === 'gone') await this.#letGo(mirror)
      if (presence !== 'there' || there === null || !due.includes(mirror.topic)) continue
      await this.#options.ports.destination.remove?.(mirror.name)
      this.#options.log.warn({ mirror: mirror.name, topic: mirror.topic }, 'mirror deleted after its topic')
      this.#deleted += 1
      await this.#options.ports.travel?.book.write([receiptOf(mirror, there, at)])
      await this.#letGo(mirror)
    }
  }

  async #letGo(mirror: Mirror): Promise<void> {
    for (let partition = 0; partition < mirror.readyPartitions; partition++) {
      this.copying.remove({ topic: mirror.name, partition })
    }
    await this.copying.removed()
    await this.#options.forgetMirror?.(mirror.topic)
    this.#mirrors.delete(mirror.topic)
    this.#sourceNames.delete(mirror.name)
    this.#forgotten.add(mirror.topic)
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

  /** Before a mirror is made again, nothing meant for the one before may be on its way. */
  async #startOver(mirror: Mirror): Promise<void> {
    this.#options.log.warn({ mirror: mirror.name }, 'the mirror was deleted and is made again')
    for (let partition = 0; partition < mirror.readyPartitions; partition++) {
      this.copying.remove({ topic: mirror.name, partition })
    }
    await this.copying.removed()
    mirror.forget()
  }

  /** Partitions of a sound mirror are copied; those of a mirror that is not the source's any more stand still. */
  #copy(mirror: Mirror): void {
    if (mirror.sourceTopicId !== null) this.#options.ports.source.pin(mirror.topic, mirror.sourceTopicId)
    for (let partition = 0; partition < mirror.readyPartitions; partition++) {
      const at = { topic: mirror.name, partition }
      const copier = this.copying.copierOf(at)
      if (mirror.fault === null) {
        // A topic that was gone and is back, the same one as before.
        if (copier?.phase === 'faulted' && stopsCopying(copier.fault)) this.copying.remove(at)
        const damage = mirror.damageTo(partition)
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
    const sound = this.#topics.filter(({ name }) => this.#mirrors.get(name)?.fault === null)
    if (sound.length === 0) return
    const names = sound.map(({ name }) => name)
    const [here, there] = await Promise.all([
      source.configs(names, spec.travel?.configs.defaults === 'source'),
      destination.configs(names.map((name) => this.#mirrorOf(name).name)),
    ])
    for (const topic of sound) {
      const mirror = this.#mirrorOf(topic.name)
      await mirror.keepUp(topic, here.get(topic.name) ?? {}, there.get(mirror.name) ?? {})
    }
  }

  #mirrorOf(topic: string): Mirror {
    const known = this.#mirrors.get(topic)
    if (known !== undefined) return known
    const { spec, ports, writer, mirrors, saveMirror } = this.#options
    const name = spec.prefix + topic
    const record = this.#forgotten.has(topic)
      ? null
      : (mirrors.find((candidate) => candidate.topic === topic) ?? null)
    const mirror = new Mirror({ topic, mirror: name }, record, {
      link: spec.name,
      source: ports.source,
      destination: ports.destination,
      data: ports.destination,
      writer,
      start: spec.start,
      ...(spec.travel !== undefined && { configs: spec.travel.configs }),
      save: saveMirror,
    })
    this.#mirrors.set(topic, mirror)
    this.#sourceNames.set(name, topic)
    return mirror
  }

  /** Partitions that group positions wait for. One that stands still with a fault would hold back all groups. */
  #mirroredPartitions(): TopicPartition[] {
    const sound = this.#topics.filter(({ name }) => this.#mirrors.get(name)?.fault === null)
    const all = sound.flatMap(({ name, partitions }) =>
      Array.from({ length: partitions }, (_, partition) => ({ topic: name, partition })),
    )
    return all.filter(({ topic, partition }) => {
      const copier = this.copying.copierOf({ topic: this.#mirrorOf(topic).name, partition })
      return copier?.phase !== 'faulted'
    })
  }

  #mirrored({ topic, partition }: TopicPartition): Mirrored | null {
    const mirror = this.#mirrors.get(topic)
    const copier = mirror && this.copying.copierOf({ topic: mirror.name, partition })
    if (mirror === undefined || copier === null || copier === undefined) return null
    if (copier.confirmed === null || stopsCopying(mirror.fault)) return null
    return { mirror: mirror.name, start: mirror.startOf(partition), end: copier.confirmed }
  }
}

function receiptOf({ topic, name }: Mirror, { id }: TopicInfo, at: number): OwnedChange {
  return { what: `deleted/${topic}`, record: { kind: 'deleted', topic, mirror: name, mirrorTopicId: id, at } }
}

/** Faults of a whole mirror after which nothing may be appended; others only keep new partitions waiting. */
const ENDS_OF_A_MIRROR = new Set([
  'SOURCE_TOPIC_DELETED',
  'SOURCE_TOPIC_RECREATED',
  'MIRROR_PARTITIONS',
  'MIRROR_NOT_EMPTY',
])

function stopsCopying(fault: Fault | null): boolean {
  return fault !== null && ENDS_OF_A_MIRROR.has(fault.code)
}
