import { KmcError, messageOf } from '../../base/error.ts'
import { fault, linkCodeOf, linkError } from '../errors.ts'
import type { DestinationPort, MarkerWriter } from '../port.ts'
import type { StartPoint } from '../spec.ts'
import type { MirrorRecord } from '../state/records.ts'
import type { Fault, MirrorState } from '../status.ts'
import { type ConfigTravel, defaultTravel } from '../travel/options.ts'
import { deletes, type TopicConfig } from './configs.ts'
import { isCopied, isReleased } from './life.ts'
import { MirrorNotes } from './notes.ts'
import type { MirrorDestination, MirrorSource, TopicInfo } from './port.ts'
import { seedPartition } from './seed.ts'
import { MirrorSettings, type SkippedSetting } from './settings.ts'

/** Where the log of a partition is to begin. */
export type Trim = { readonly partition: number; readonly offset: number }

export type MirrorContext = {
  readonly link: string
  readonly source: MirrorSource
  readonly destination: MirrorDestination
  /** For filler records. */
  readonly data: DestinationPort
  readonly writer: MarkerWriter
  readonly start: StartPoint
  /** Which settings travel; left out: those that are set on the topic. */
  readonly configs?: ConfigTravel
  /** Why the link may not make a mirror of this name (another one keeps it); null when it may. */
  readonly claimed?: (mirror: string, topicId: string | null) => KmcError | null
  /** Stores what is known of a mirror before anything rests on it. */
  readonly save: (record: MirrorRecord) => Promise<void>
  /** Whether writing has to stop, since the worker gives its place up. */
  readonly stopping?: () => boolean
}

/** Rounds of discovery in a row in which a mirror must be missing before it counts as deleted: about six seconds. */
const MISSES_MIN = 3

/**
 * One topic of the link: makes its mirror, seeds it, follows the source's partitions, settings and log start. Every
 * step looks at what is there first, so that it can be repeated after any interruption.
 */
export class Mirror {
  readonly topic: string
  readonly name: string
  readonly notes: MirrorNotes
  readonly #context: MirrorContext
  readonly #settings: MirrorSettings
  #fault: Fault | null = null
  #seeding = false
  #ready = 0
  #misses = 0
  /** Log starts of the mirror, as last set or seen. */
  #starts: number[] = []
  #replacing: string | null = null

  constructor(names: { topic: string; mirror: string }, record: MirrorRecord | null, context: MirrorContext) {
    this.topic = names.topic
    this.name = names.mirror
    this.#context = context
    const { link, save, writer } = context
    this.notes = new MirrorNotes(record, { link, ...names, producerId: writer.producerId, save })
    const travel = context.configs ?? defaultTravel.configs
    this.#settings = new MirrorSettings(context.destination, names.mirror, travel)
  }

  get fault(): Fault | null {
    return this.#fault
  }
  /** The id of the source topic that is mirrored; null until there is a mirror. */
  get sourceTopicId(): string | null {
    return this.notes.record?.sourceTopicId ?? null
  }
  /** The source's own values of settings that the mirror holds otherwise. */
  get withheld(): TopicConfig {
    return this.notes.record?.withheld ?? {}
  }
  /** Settings of the source that it cannot have. */
  get skippedSettings(): readonly SkippedSetting[] {
    return this.#settings.skipped
  }
  /** The id of the mirror's topic as noted; null until it is made. */
  get topicId(): string | null {
    return this.notes.made?.mirrorTopicId ?? null
  }
  /** As the destination knows it. */
  get info(): TopicInfo {
    return { name: this.name, id: this.topicId ?? '', partitions: this.partitions }
  }
  /** Partitions that were made, also before this worker has seen them. */
  get partitions(): number {
    return Math.max(this.#ready, this.notes.record?.start.length ?? 0)
  }
  /** As it stands in its record; a fault shows beside it. */
  get state(): MirrorState {
    return this.notes.record?.state ?? 'seeding'
  }
  get closing(): boolean {
    return this.notes.record?.closing ?? false
  }
  get promotedAt(): readonly number[] | null {
    return this.notes.record?.promotedAt ?? null
  }
  /** Whether records are to be copied, faults aside. */
  get copies(): boolean {
    return isCopied(this.state) && !this.closing && this.#replacing === null
  }
  /** No link writes to it any more. */
  get released(): boolean {
    return isReleased(this.state)
  }
  /** The topic that a reseed deletes before the mirror is made again. */
  get replacing(): string | null {
    return this.#replacing
  }
  get seeding(): boolean {
    return this.#seeding
  }
  /** Partitions 0..ready-1 may be copied. */
  get readyPartitions(): number {
    return this.#ready
  }
  startOf(partition: number): number {
    return this.#starts[partition] ?? 0
  }

  /**
   * Whether the mirror that was made is there. Somebody may delete it, as the remedies of some faults say; then what
   * the link declares is made again. One look proves nothing: a broker may be behind with its metadata.
   */
  presence(existing: TopicInfo | null): 'there' | 'unsure' | 'gone' {
    const made = this.state === 'seeding' ? null : this.topicId
    const missing = made !== null && existing?.id !== made
    this.#misses = missing ? this.#misses + 1 : 0
    if (!missing) return 'there'
    return this.#misses < MISSES_MIN ? 'unsure' : 'gone'
  }

  /**
   * For a worker that does not look after mirrors: takes over what the one that does has noted. Nothing is ready but
   * what stands there, and only while the topic is the one that was made.
   */
  watch(record: MirrorRecord | null, source: TopicInfo, existing: TopicInfo | null): void {
    this.notes.take(record)
    this.#fault = null
    this.#ready = 0
    this.#seeding = record?.state === 'seeding'
    try {
      this.#sameSource(source)
      if (existing !== null && existing.partitions > source.partitions) {
        throw this.#tooManyPartitions(existing, source)
      }
    } catch (error) {
      this.#fault = this.#faultOf(error)
    }
    if (record === null || record.state === 'seeding' || existing?.id !== record.mirrorTopicId) return
    this.#starts = [...record.start]
    this.#ready = Math.min(record.start.length, source.partitions, existing.partitions)
  }

  /** Forgets the mirror that is gone; the next `follow` makes a new one. */
  forget(): void {
    this.notes.forget()
    this.#replacing = null
    this.#fault = null
    this.#ready = 0
    this.#misses = 0
    this.#starts = []
  }

  /** Brings the mirror in line with what the source's metadata says now; keeps the reason when it cannot. */
  async follow(source: TopicInfo, existing: TopicInfo | null): Promise<void> {
    if (this.released) {
      this.#fault = null
      return
    }
    try {
      this.#sameSource(source)
      if (this.notes.record === null || existing === null || this.notes.record.state === 'seeding') {
        await this.#make(source, existing)
      } else if (this.#ready !== source.partitions || existing.partitions > source.partitions) {
        await this.#grow(source, existing)
      }
      await this.notes.keepDamage()
      await this.notes.signed()
      this.#fault = null
    } catch (error) {
      this.#fault = this.#faultOf(error)
    }
  }

  /** The source's topic is not in its metadata: the mirror keeps what it has. */
  sourceGone(): void {
    if (this.released) return
    const code = this.notes.record === null ? 'SOURCE_TOPIC_MISSING' : 'SOURCE_TOPIC_DELETED'
    if (this.#fault?.code === code) return
    const gone = `topic ${this.topic} was deleted at the source; the mirror keeps its records`
    const text = this.notes.record === null ? `topic ${this.topic} is not at the source` : gone
    this.#fault = fault(code, text, { topic: this.topic })
  }

  /** Carries changed settings over; the result is what the source has deleted and the mirror still holds. */
  async keepUp(source: TopicInfo, sourceConfig: TopicConfig, mirrorConfig: TopicConfig): Promise<Trim[]> {
    await this.#settings.settle(sourceConfig, mirrorConfig)
    await this.notes.withholds(this.#settings.withheld(sourceConfig))
    if (!deletes(sourceConfig)) return []
    const starts = await this.#context.source.logStarts(source)
    const ranges = await this.#context.destination.logRanges({ ...source, name: this.name })
    return ranges.flatMap((range, partition) => {
      const offset = Math.min(starts[partition] ?? 0, range.end)
      this.#starts[partition] = Math.max(range.start, offset)
      return offset > range.start ? [{ partition, offset }] : []
    })
  }

  async #make(source: TopicInfo, existing: TopicInfo | null): Promise<void> {
    const { destination } = this.#context
    const configs = (await this.#sourceConfigs()).get(this.topic) ?? {}
    const made = this.notes.made
    const start = made?.start ?? [...(await this.#context.source.startOffsets(source, this.#context.start))]
    const found = { sourceTopicId: source.id, start, withheld: this.#settings.withheld(configs) }
    const toSeed = start.some((offset) => offset > 0)
    if (made === null) this.#refuseClaimed(existing)
    if (existing === null) {
      // Noted before it is there: a link in the other direction must not take it for a topic of that cluster.
      await this.notes.begins(found)
      await this.#settings.create(source.partitions, configs, toSeed)
    }
    const mirror = await destination.ready(this.name, existing?.partitions ?? source.partitions)
    if (made === null) await this.#refuseForeign(mirror)
    if (mirror.partitions > source.partitions) throw this.#tooManyPartitions(mirror, source)
    // The source may have gained partitions since the topic was made: those are seeded as they grow.
    const begun = start.slice(0, mirror.partitions)
    await this.notes.stands({ ...found, start: begun }, mirror.id)
    if (toSeed) await this.#seed(begun, configs)
    await this.#settings.settle(configs)
    await this.notes.seeded()
    this.#starts = begun
    if (mirror.partitions < source.partitions) await this.#grow(source, mirror)
    else this.#ready = source.partitions
  }

  async #seed(start: readonly number[], configs: TopicConfig): Promise<void> {
    const { data, writer } = this.#context
    this.#seeding = true
    try {
      await this.#settings.prepare(configs)
      for (const [partition, offset] of start.entries()) {
        await seedPartition(data, writer, { topic: this.name, partition }, offset, this.#context.stopping)
      }
    } finally {
      this.#seeding = false
    }
  }

  #sourceConfigs(): Promise<ReadonlyMap<string, TopicConfig>> {
    return this.#context.source.configs([this.topic], this.#context.configs?.defaults === 'source')
  }

  /** The session deletes this very topic, and makes the mirror again. */
  replaces(mirrorTopicId: string): void {
    this.#replacing = mirrorTopicId
  }

  /** Partitions that the source gained begin at their own log start, which is 0 unless it deletes very fast. */
  async #grow(source: TopicInfo, existing: TopicInfo): Promise<void> {
    const { destination, data, writer, stopping } = this.#context
    if (existing.partitions > source.partitions) throw this.#tooManyPartitions(existing, source)
    if (existing.partitions < source.partitions) {
      await destination.addPartitions(this.name, source.partitions)
      await destination.ready(this.name, source.partitions)
    }
    const record = this.notes.record
    if (record !== null && record.start.length < source.partitions) {
      const starts = await this.#context.source.logStarts(source)
      const ranges = await destination.logRanges({ ...source, name: this.name })
      for (let partition = record.start.length; partition < source.partitions; partition++) {
        // What already holds something was seeded before the note of it was lost, or is older than such notes.
        if ((ranges[partition]?.end ?? 0) > 0 && partition < existing.partitions) continue
        const at = { topic: this.name, partition }
        await seedPartition(data, writer, at, starts[partition] ?? 0, stopping)
      }
      const added = starts.slice(record.start.length, source.partitions)
      await this.notes.grew(added)
    }
    this.#ready = source.partitions
  }

  #refuseClaimed(existing: TopicInfo | null): void {
    const claim = this.#context.claimed?.(this.name, existing?.id ?? null)
    if (claim) throw claim
  }

  /** A topic that this link did not make is taken only when nothing was ever written to it. */
  async #refuseForeign(mirror: TopicInfo): Promise<void> {
    const ranges = await this.#context.destination.logRanges(mirror)
    const records = ranges.reduce((sum, range) => sum + range.end, 0)
    if (records === 0) return
    throw linkError(
      'MIRROR_NOT_EMPTY',
      `topic ${this.name} already holds ${records} offsets at the destination`,
      {
        context: { topic: this.topic, mirror: this.name, offsets: records },
      },
    )
  }

  #sameSource(source: TopicInfo): void {
    const was = this.notes.made?.sourceTopicId
    if (was === undefined || was === source.id) return
    const { partitions } = source
    const now = `the one of that name now is another, with ${partitions} partition${partitions === 1 ? '' : 's'}`
    const what = `topic ${this.topic} of the source was deleted and made again`
    const text = `${what}: ${now}; the mirror keeps the old records`
    throw linkError('SOURCE_TOPIC_RECREATED', text, {
      context: { link: this.#context.link, topic: this.topic, was, is: source.id, partitions },
    })
  }

  #tooManyPartitions(mirror: TopicInfo, source: TopicInfo): KmcError {
    const text = `mirror ${this.name} has ${mirror.partitions} partitions, topic ${this.topic} has ${source.partitions}`
    const context = { topic: this.topic, mirror: mirror.partitions, source: source.partitions }
    return linkError('MIRROR_PARTITIONS', text, { context })
  }

  #faultOf(error: unknown): Fault {
    const known = linkCodeOf(error)
    const code = known ?? 'MIRROR_FAILED'
    const context = error instanceof KmcError ? error.context : {}
    const text = known === null ? `mirror ${this.name}: ${messageOf(error)}` : messageOf(error)
    if (this.#fault?.code === code && this.#fault.message === text) return this.#fault
    return fault(code, text, { topic: this.topic, mirror: this.name, ...context })
  }
}
