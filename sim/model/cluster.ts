import { ErrorCode } from '../../src/wire/error-codes.ts'
import { EPOCH_MS, type Events } from '../engine/events.ts'
import type { Random } from '../engine/random.ts'
import { GroupsModel } from './groups.ts'
import { type Appended, PartitionLog } from './log.ts'
import type { Marker } from './producers.ts'
import { Truth } from './truth.ts'

/** Waits until the in-sync replicas have everything below `offset`. */
type Waiter = { readonly offset: number; readonly done: (errorCode: number) => void }

export type PartitionModel = {
  readonly topic: TopicModel
  readonly partition: number
  readonly log: PartitionLog
  /** At the source: what every offset ever was. */
  readonly truth: Truth
  leader: number | null
  /** The leader as metadata tells it, which may be late. */
  knownLeader: number | null
  waiters: Waiter[]
  /** Called once when something was appended or the log changed otherwise. */
  watchers: (() => void)[]
  /** When a write was refused last for a passing reason. */
  refusedAt: number
  readonly madeAt: number
}

export type TopicModel = {
  readonly name: string
  readonly id: string
  readonly partitions: PartitionModel[]
  configs: Record<string, string>
}

export type ClusterOptions = {
  readonly name: string
  readonly brokers: number
  readonly replicas: number
}

/** Who appends. `zombie`: the connection on which it came has no client any more. */
export type Sender = { readonly by: string; readonly sentAt: number; readonly zombie: boolean }

/** What the sim wants to know of every append to a cluster. */
type AppendListener = (at: PartitionModel, appended: Appended, sender: Sender) => void

/** Stock Kafka as far as a link can tell: brokers, topics, leaders, replication, groups. */
export class ClusterModel {
  readonly name: string
  readonly replicas: number
  readonly up = new Map<number, boolean>()
  readonly topics = new Map<string, TopicModel>()
  readonly groups = new GroupsModel()
  readonly events: Events
  readonly #random: Random
  onAppend: AppendListener = () => {}
  /** Replication makes no progress before this time. */
  stalledUntil = 0
  /** Fewer replicas are in sync than acks=all needs, until this time. */
  belowMinInSyncUntil = 0
  /** Metadata as it stood when brokers fell behind, and until when some of them still give it. */
  stale: { readonly until: number; readonly topics: readonly TopicModel[] } | null = null
  #made = 0

  constructor(options: ClusterOptions, events: Events, random: Random) {
    this.name = options.name
    this.replicas = options.replicas
    this.events = events
    this.#random = random
    for (let id = 1; id <= options.brokers; id++) this.up.set(id, true)
  }

  now(): number {
    return EPOCH_MS + Math.floor(this.events.now)
  }
  brokersUp(): number[] {
    return [...this.up].filter(([, up]) => up).map(([id]) => id)
  }
  isUp(node: number): boolean {
    return this.up.get(node) === true
  }

  create(name: string, partitions: number, configs: Record<string, string>): TopicModel {
    const id = `${name}#${++this.#made}`
    const topic: TopicModel = { name, id, partitions: [], configs }
    this.topics.set(name, topic)
    this.grow(topic, partitions)
    return topic
  }

  grow(topic: TopicModel, total: number): void {
    const nodes = this.brokersUp()
    for (let partition = topic.partitions.length; partition < total; partition++) {
      const leader = nodes.length === 0 ? null : nodes[partition % nodes.length]!
      topic.partitions.push({
        topic,
        partition,
        log: new PartitionLog(),
        truth: new Truth(),
        leader,
        knownLeader: leader,
        waiters: [],
        watchers: [],
        refusedAt: -1,
        madeAt: this.events.now,
      })
    }
  }

  delete(name: string): void {
    const topic = this.topics.get(name)
    this.topics.delete(name)
    this.groups.topicDeleted(name)
    for (const at of topic?.partitions ?? []) {
      at.leader = null
      this.#fail(at, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
      this.changed(at)
    }
  }

  *partitions(): Generator<PartitionModel> {
    for (const topic of this.topics.values()) yield* topic.partitions
  }

  /** The partition if `node` leads it now, else the error code that it answers. `id` empty asks by name. */
  led(node: number, name: string, partition: number, id = ''): PartitionModel | number {
    const topic = this.topics.get(name)
    if (id !== '' && topic?.id !== id) return ErrorCode.UNKNOWN_TOPIC_ID
    const at = topic?.partitions[partition]
    if (at === undefined) return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    return at.leader === node ? at : ErrorCode.NOT_LEADER_OR_FOLLOWER
  }

  /** Appends a batch with acks=all; `done` hears of it once it is replicated. */
  append(
    at: PartitionModel,
    bytes: Buffer,
    sender: Sender,
    done: (errorCode: number, baseOffset: number) => void,
  ): void {
    if (this.events.now < this.belowMinInSyncUntil) {
      at.refusedAt = this.events.now
      done(ErrorCode.NOT_ENOUGH_REPLICAS, -1)
      return
    }
    const appended = at.log.append(bytes)
    this.#appended(at, appended, sender)
    if (appended.errorCode !== 0) done(appended.errorCode, -1)
    else this.#whenReplicated(at, (errorCode) => done(errorCode, errorCode === 0 ? appended.baseOffset : -1))
  }

  mark(at: PartitionModel, marker: Marker, sender: Sender, done: (errorCode: number) => void): void {
    if (this.events.now < this.belowMinInSyncUntil) {
      done(ErrorCode.NOT_ENOUGH_REPLICAS)
      return
    }
    const appended = at.log.mark(marker)
    this.#appended(at, appended, sender)
    if (appended.errorCode !== 0) done(appended.errorCode)
    else this.#whenReplicated(at, done)
  }

  /** Another broker leads from now on. It has everything below the high watermark, and maybe no more. */
  moveLeader(at: PartitionModel, to: number | null): void {
    const { log } = at
    log.leaderEpoch++
    at.leader = to
    this.#fail(at, ErrorCode.NOT_LEADER_OR_FOLLOWER)
    const kept = this.#random.pick([log.highWatermark, log.end, ...log.entries.map(({ next }) => next)])
    if (kept >= log.highWatermark && kept < log.end) log.truncate(kept)
    const lateMs = this.#random.chance(0.5) ? 0 : this.#random.between(1, 400)
    this.events.after(lateMs, () => {
      at.knownLeader = at.leader
    })
    this.#replicate(at)
    this.changed(at)
  }

  /** Takes a broker away; its partitions go to others where there are replicas. */
  stop(node: number): void {
    this.up.set(node, false)
    const rest = this.brokersUp()
    for (const at of this.partitions()) {
      if (at.leader !== node) continue
      this.moveLeader(at, this.replicas > 1 && rest.length > 0 ? this.#random.pick(rest) : null)
    }
  }

  /** Brings it back: what it leads is read from disk again, and producers that are too old are forgotten. */
  restart(node: number): void {
    this.up.set(node, true)
    for (const at of this.partitions()) {
      if (at.leader !== null) continue
      at.log.expireProducers(this.now())
      this.moveLeader(at, node)
    }
  }

  changed(at: PartitionModel): void {
    const watchers = at.watchers
    at.watchers = []
    for (const watcher of watchers) watcher()
  }

  #appended(at: PartitionModel, appended: Appended, sender: Sender): void {
    if (appended.errorCode !== 0) at.refusedAt = this.events.now
    this.onAppend(at, appended, sender)
    if (appended.stored !== null) this.#replicate(at)
  }

  #replicate(at: PartitionModel): void {
    const { log } = at
    if (this.replicas === 1) {
      log.highWatermark = log.end
      this.#advanced(at)
      return
    }
    const { end, leaderEpoch } = log
    const waitMs = Math.max(this.stalledUntil - this.events.now, 0) + this.#random.unit() * 8
    this.events.after(waitMs, () => {
      if (log.leaderEpoch !== leaderEpoch || end <= log.highWatermark) return
      if (this.events.now < this.stalledUntil) this.#replicate(at)
      else {
        log.highWatermark = Math.min(end, log.end)
        this.#advanced(at)
      }
    })
  }

  #advanced(at: PartitionModel): void {
    const reached = at.waiters.filter(({ offset }) => offset <= at.log.highWatermark)
    at.waiters = at.waiters.filter(({ offset }) => offset > at.log.highWatermark)
    const code =
      this.events.now < this.belowMinInSyncUntil ? ErrorCode.NOT_ENOUGH_REPLICAS_AFTER_APPEND : ErrorCode.NONE
    for (const { done } of reached) done(code)
    this.changed(at)
  }

  #whenReplicated(at: PartitionModel, done: (errorCode: number) => void): void {
    if (at.log.highWatermark >= at.log.end) done(ErrorCode.NONE)
    else at.waiters.push({ offset: at.log.end, done })
  }

  #fail(at: PartitionModel, errorCode: number): void {
    const waiters = at.waiters
    at.waiters = []
    for (const { done } of waiters) done(errorCode)
  }
}
