import { type Log, silentLog } from '../../src/base/log.ts'
import type { Position } from '../../src/link/groups/position.ts'
import type { MarkerWriter } from '../../src/link/port.ts'
import type { LinkSpec } from '../../src/link/spec.ts'
import type { MirrorRecord } from '../../src/link/state/records.ts'
import type { Fault } from '../../src/link/status.ts'
import type { Checker } from '../checkers/checker.ts'
import { damageOf, isSound, judge } from '../checkers/judge.ts'
import { PASSING } from '../checkers/passing.ts'
import { EPOCH_MS, Events } from '../engine/events.ts'
import { Random } from '../engine/random.ts'
import { Trace } from '../engine/trace.ts'
import { ClusterModel, type PartitionModel, type Sender } from '../model/cluster.ts'
import type { Appended, Stored } from '../model/log.ts'
import { Network } from '../model/network.ts'
import type { Plan } from '../plan.ts'
import { Consumers } from './consumers.ts'
import { type Damage, Mirrors, type Pair } from './mirrors.ts'
import { StateLog } from './state-log.ts'
import { type Mutation, Worker } from './worker.ts'
import { Workload } from './workload.ts'

const SUPERVISE_EVERY_MS = 1_000
/** A process that was paused this long has lost its membership: another one is started. */
const MISSED_MS = 3_000

type Standing = {
  readonly name: string
  readonly there: number | undefined
  readonly wanted: number
  /** Whether it can be said where it should stand. */
  readonly isSound: boolean
}

/** Two clusters, applications, a link's workers and their supervisor, all of one seed. */
export class World {
  readonly plan: Plan
  readonly random: Random
  readonly events: Events
  readonly trace: Trace
  readonly source: ClusterModel
  readonly destination: ClusterModel
  readonly networks: { readonly source: Network; readonly destination: Network }
  readonly workload: Workload
  readonly consumers: Consumers
  readonly mirrors = new Mirrors()
  readonly workers: Worker[] = []
  readonly stateLog = new StateLog()
  readonly mutation: Mutation
  readonly checkers: readonly Checker[]
  readonly spec: LinkSpec
  readonly identity = { producerId: 7, producerEpoch: 0 }
  /** What was done to the world, for the judgement of faults. */
  readonly injected = new Set<string>()

  /** What a checker found where it could not be thrown. */
  violation: unknown = null

  constructor(
    plan: Plan,
    setup: {
      readonly mutation?: Mutation
      readonly checkers: (world: World) => readonly Checker[]
      readonly keepTrace: boolean
    },
  ) {
    const { options } = plan
    this.plan = plan
    this.mutation = setup.mutation ?? {}
    this.random = new Random(plan.seed)
    this.events = new Events(this.random.fork('ties'))
    this.trace = new Trace(this.events, setup.keepTrace)
    const { sourceBrokers, destinationBrokers, replicas, prefix } = options
    this.source = this.#cluster({ name: 'source', brokers: sourceBrokers, replicas: 1 })
    this.destination = this.#cluster({ name: 'destination', brokers: destinationBrokers, replicas })
    this.networks = { source: this.#network(this.source), destination: this.#network(this.destination) }
    this.spec = makeSpec(prefix)
    const topicRandom = this.random.fork('topics')
    for (let t = 0; t < options.topics; t++) {
      const policy = topicRandom.pick(['compact', 'compact,delete'])
      this.makeSourceTopic(`t${t}`, options.compaction > 0 ? { 'cleanup.policy': policy } : {})
    }
    this.workload = new Workload(this.source, options, this.random.fork('workload'))
    this.workload.retainBelow((at) => this.mirroredTo(at))
    this.consumers = new Consumers(this.source, options.groups, this.random.fork('consumers'))
    this.checkers = setup.checkers(this)
    this.destination.onAppend = (at, appended, sender) => this.#appended(at, appended, sender)
    this.destination.groups.onCommit = (group, position, by) => this.#committed(group, position, by)
  }

  start(): void {
    this.workload.backlog()
    this.workload.start()
    this.consumers.start()
    this.#supervise()
  }

  /** All that was done ends: networks, brokers, processes are sound again. What was lost stays lost. */
  heal(): void {
    this.trace.add(() => 'HEAL')
    for (const network of Object.values(this.networks)) {
      Object.assign(network.weather, { toBrokersUntil: 0, fromBrokersUntil: 0, slowUntil: 0 })
      const { cluster } = network
      Object.assign(cluster, { stalledUntil: 0, belowMinInSyncUntil: 0, stale: null })
      for (const [node, up] of cluster.up) if (!up) cluster.restart(node)
    }
    this.destination.groups.active.clear()
    for (const worker of this.workers) worker.wake()
    this.workload.stop()
    this.consumers.stop()
    this.workload.nudge()
  }

  makeSourceTopic(name: string, configs: Record<string, string>): void {
    this.mirrors.knowSource(this.source.create(name, this.plan.options.partitions, configs))
  }

  /** The worker that holds the lease as far as the world can see: the newest that lives. */
  get worker(): Worker | null {
    return this.workers.findLast((worker) => worker.alive) ?? null
  }

  startWorker(): Worker {
    const worker = new Worker(`w${this.workers.length + 1}`, this)
    this.workers.push(worker)
    this.trace.add(() => `${worker.name} starts`)
    return worker
  }

  mirrorPartition({ topic, partition }: PartitionModel): PartitionModel | null {
    return this.destination.topics.get(this.spec.prefix + topic.name)?.partitions[partition] ?? null
  }
  mirroredTo(at: PartitionModel): number {
    const mirror = this.mirrorPartition(at)
    if (mirror === null) return 0
    // What somebody else wrote there is no copy.
    return Math.min(mirror.log.highWatermark, this.mirrors.of(mirror)?.damage?.offset ?? mirror.log.end)
  }

  /** The pairs of the mirrors that are there now. */
  livePairs(): Pair[] {
    const mirrors = [...this.source.topics.keys()].map((name) =>
      this.destination.topics.get(this.spec.prefix + name),
    )
    const partitions = mirrors.flatMap((topic) => topic?.partitions ?? [])
    return partitions.map((at) => this.mirrors.of(at)).filter((pair) => pair !== null)
  }

  /** Why the link does not copy the partition, in its own words. */
  faultOf({ mirror }: Pair): Fault | null {
    const session = this.worker?.session ?? null
    const { topic, partition } = mirror
    const ofTopic = [...(session?.mirrors() ?? [])].find(({ name }) => name === topic.name)?.fault ?? null
    return session?.copying.copierOf({ topic: topic.name, partition })?.fault ?? ofTopic
  }

  /** Whether the worker is at work on the partition of a mirror. */
  isCopied({ topic, partition }: PartitionModel): boolean {
    const copier = this.worker?.session?.copying.copierOf({ topic: topic.name, partition }) ?? null
    return copier !== null && copier.phase !== 'faulted' && copier.confirmed !== null
  }

  inject(cause: string, topic: string): void {
    this.injected.add(`${cause}/${topic}`)
  }

  /** Whether something that explains a fault was done to the pair's topic. */
  happened(cause: string, { source, damage }: Pair): boolean {
    if (cause === 'damage') return damage !== null
    if (cause === 'second-worker') return this.workers.length > 1
    return this.injected.has(`${cause}/${source.topic.name}`)
  }

  /** Whether a topic suffered something after which nothing exact can be said of it. */
  disturbed({ topic }: PartitionModel): boolean {
    const causes = ['retention', 'truncate', 'recreate', 'delete-mirror', 'foreign']
    if (causes.some((cause) => this.injected.has(`${cause}/${topic.name}`))) return true
    return this.livePairs().some(({ source, damage }) => source.topic === topic && damage !== null)
  }

  /** What is still to be done by a link that is at rest, in words; null when nothing is. */
  late(): string | null {
    const session = this.worker?.session
    if (session === undefined || session === null) return 'no worker is at work'
    for (const at of this.source.partitions()) {
      const mirror = this.mirrorPartition(at)
      const pair = mirror === null ? null : this.mirrors.of(mirror)
      const name = `${at.topic.id}/${at.partition}`
      const whole = [...session.mirrors()].find(({ topic }) => topic === at.topic.name)?.fault ?? null
      const found = pair === null ? whole : this.faultOf(pair)
      if (found !== null && !PASSING.has(found.code)) continue
      if (pair === null || pair.source !== at) return `${name} has no mirror`
      const damage = damageOf(pair)
      if (found !== null || damage !== null) return `${name}: ${found?.code ?? damage?.why}`
      if (mirror!.log.highWatermark !== at.log.stable) {
        return `${name}: the mirror ends at ${mirror!.log.highWatermark}, the source at ${at.log.stable}`
      }
    }
    return this.#lateGroup()
  }

  #lateGroup(): string | null {
    for (const group of this.source.groups.positions.keys()) {
      const stands = this.#standing(group)
      // A worker that has just started takes a position that is ahead for one that was moved there.
      const isTheirs = this.workers.length > 1 && stands.some(({ there, wanted }) => (there ?? 0) > wanted)
      const late = isTheirs ? undefined : stands.find((one) => one.isSound && one.there !== one.wanted)
      if (late !== undefined)
        return `group ${group} stands at ${late.there} of ${late.name}, not at ${late.wanted}`
    }
    return null
  }

  /** Where a group stands at the destination, and where it should. */
  #standing(group: string): Standing[] {
    const positions = this.destination.groups.positions.get(group)
    return this.source.groups.of(group).flatMap(({ topic, partition, offset }) => {
      const at = this.source.topics.get(topic)?.partitions[partition]
      const mirror = at === undefined ? null : this.mirrorPartition(at)
      if (at === undefined || mirror === null) return []
      const pair = this.mirrors.of(mirror)
      const isSound = !this.disturbed(at) && (pair === null || this.faultOf(pair) === null)
      const { start, end } = mirror.log
      const there = positions?.get(`${mirror.topic.name}-${partition}`)?.offset
      const wanted = there === offset ? offset : Math.min(Math.max(offset, start), end)
      return [{ name: `${topic}-${partition}`, there, wanted, isSound }]
    })
  }

  tookOver(worker: Worker, writer: MarkerWriter): void {
    this.trace.add(() => `${worker.name} has generation ${writer.generation}`)
    this.#check(() => {
      for (const checker of this.checkers) checker.tookOver?.(worker, writer)
    })
  }
  savingMirror(record: MirrorRecord): void {
    this.mirrors.saved(record)
    this.#check(() => {
      for (const checker of this.checkers) checker.savingMirror?.(record)
    })
  }

  /** A checker that is called from within a worker must not be taken for a failed request there. */
  #check(look: () => void): void {
    try {
      look()
    } catch (error) {
      this.violation ??= error
    }
  }

  /** What a worker logs is a part of the trace. */
  logFor(worker: Worker): Log {
    const note = (fields: object, message: string) =>
      this.trace.add(() => `${worker.name} # ${message} ${JSON.stringify(fields)}`)
    return { ...silentLog, info: note, warn: note, error: note }
  }

  #cluster(options: { name: string; brokers: number; replicas: number }): ClusterModel {
    return new ClusterModel(options, this.events, this.random.fork(options.name))
  }
  #network(cluster: ClusterModel): Network {
    return new Network(cluster, this.random.fork(`network/${cluster.name}`), this.trace)
  }

  #appended(at: PartitionModel, appended: Appended, sender: Sender): void {
    const { stored } = appended
    this.trace.add(() => describeAppend(at, appended, sender))
    if (stored === null) return
    const pair = this.mirrors.of(at)
    if (pair === null) {
      if (sender.zombie) this.mirrors.strayed(at, stored.base)
      return
    }
    const by = this.workers.find(({ name }) => name === sender.by)
    if (by === undefined) {
      spoil(pair, { why: 'foreign writer', offset: stored.base })
      return
    }
    const writer = `${sender.by}${sender.zombie ? ' (late)' : ''}`
    if (pair.lastBy !== writer && pair.lastBy !== '') pair.turnedAt = this.events.now
    pair.lastBy = writer
    const judged = judge(pair, stored)
    const former = judged.find(({ judgement }) => judgement === 'former')
    if (former !== undefined) spoil(pair, { why: 'tail lost at the source', offset: former.offset })
    const isMisplaced = judged.every((one) => isSound(one) || stored.control || one.judgement === 'moved')
    if (isMisplaced && !judged.every(isSound) && this.#isUnguarded(pair, stored, sender)) {
      spoil(pair, { why: 'unguarded zombie', offset: stored.base })
    }
    pair.appendedAt = this.events.now
    if (pair.damage !== null && pair.damage.why !== 'tail lost at the source') return
    for (const checker of this.checkers) checker.appended?.({ pair, stored, judged, by })
  }

  /** Nothing in Kafka could have refused it: no sequence vouched for its place, and it came late or out of turn. */
  #isUnguarded(pair: Pair, stored: Stored, { by, sentAt, zombie }: Sender): boolean {
    if (stored.guarded && !stored.control) return false
    const { log, refusedAt } = pair.mirror
    const { appendedAt } = pair
    // One before it was refused, and in that moment the leader forgot the producer.
    if (refusedAt > appendedAt && log.expiredAt - EPOCH_MS > appendedAt) return true
    return zombie || by !== this.worker?.name || refusedAt >= sentAt || pair.turnedAt >= sentAt
  }

  #committed(group: string, position: Position, by: string): void {
    // Kafka takes those of a worker that was overtaken as well; a real one asks for its place before, here none does.
    if (by !== this.worker?.name) return
    for (const checker of this.checkers) checker.committed?.(group, position)
  }

  /** What a supervisor does: where no worker is at work, it starts one. */
  #supervise(): void {
    const awake = this.workers.some((worker) => worker.alive && !worker.missed(MISSED_MS))
    if (!awake) this.startWorker()
    this.events.after(SUPERVISE_EVERY_MS, () => this.#supervise())
  }
}

/** A lost tail may be all right again when the source gets the same records; what others write never is. */
function spoil(pair: Pair, damage: Damage): void {
  if (pair.damage === null || pair.damage.why === 'tail lost at the source') {
    if (damage.why !== 'tail lost at the source' || pair.damage === null) pair.damage = damage
  }
}

function describeAppend(
  at: PartitionModel,
  { errorCode, baseOffset, stored }: Appended,
  sender: Sender,
): string {
  const what =
    stored === null ? `nothing (${errorCode}, ${baseOffset})` : `${stored.base}..${stored.next - 1}`
  const kind = `${stored?.guarded === false ? ' unguarded' : ''}${stored?.control ? ' marker' : ''}`
  const how = `${kind}${sender.zombie ? ' zombie' : ''}`
  return `  ${at.topic.id}/${at.partition} takes ${what} from ${sender.by}${how}`
}

function makeSpec(prefix: string): LinkSpec {
  const cluster = (name: string) => ({ name, bootstrap: [] }) as unknown as LinkSpec['source']
  return {
    name: 'dr',
    source: cluster('source'),
    destination: cluster('destination'),
    topics: ['*'],
    groups: ['*'],
    prefix,
    start: { at: 'earliest' },
  }
}
