import { randomUUID } from 'node:crypto'
import { type Clock, systemClock } from '../base/clock.ts'
import { messageOf } from '../base/error.ts'
import type { Log } from '../base/log.ts'
import { Cluster } from '../client/cluster.ts'
import { FramePool } from '../client/frame-pool.ts'
import { initProducerId } from '../client/producer-id.ts'
import { limits } from './copy/limits.ts'
import { linkCodeOf, linkError } from './errors.ts'
import { Gate } from './gate.ts'
import { observeBetween } from './observe.ts'
import type { MarkerWriter } from './port.ts'
import { DestinationAdapter } from './ports/destination.ts'
import { GroupDestinationAdapter, GroupSourceAdapter, ShareGroupAdapter } from './ports/groups.ts'
import { SourceAdapter } from './ports/source.ts'
import { TransactionalDestination } from './ports/transactional.ts'
import { OwnedNotes, TravelAdapter } from './ports/travel.ts'
import { LinkReport } from './report/link.ts'
import { LinkSession, type SessionPorts } from './session.ts'
import type { LinkSpec } from './spec.ts'
import { claimLease } from './state/lease.ts'
import type { LinkRecord } from './state/records.ts'
import { openStateStore, readState, type StateStore } from './state/store.ts'
import type { LinkStatus } from './status.ts'

export type LinkOptions = { readonly log: Log; readonly clock?: Clock }

/** Why a link ended by itself. */
export type LinkEnd = { readonly why: 'fenced' | 'deleted' }

/**
 * One exact link at work: it holds the lease, runs a session while `__kmc_state` wants the link active, none while it
 * is paused, and ends when another worker has taken over or the link was deleted.
 */
export class Link {
  readonly spec: LinkSpec
  readonly #log: Log
  readonly #clock: Clock
  readonly #source: Cluster
  readonly #destination: Cluster
  readonly #store: StateStore
  readonly #writer: MarkerWriter
  readonly #report: LinkReport
  readonly #gate: Gate
  readonly #ended = Promise.withResolvers<LinkEnd>()
  readonly #stop = new AbortController()
  #session: LinkSession | null = null
  /** The link as it was last seen while no session runs. */
  #resting: LinkStatus | null = null
  #following: Promise<void> = Promise.resolve()

  private constructor(parts: {
    spec: LinkSpec
    log: Log
    clock: Clock
    source: Cluster
    destination: Cluster
    store: StateStore
    writer: MarkerWriter
  }) {
    this.spec = parts.spec
    this.#log = parts.log
    this.#clock = parts.clock
    this.#source = parts.source
    this.#destination = parts.destination
    this.#store = parts.store
    this.#writer = parts.writer
    this.#report = new LinkReport(parts.spec.name, parts.writer.generation, parts.clock)
    this.#gate = new Gate(parts)
  }

  /** Connects to both clusters, takes the lease and starts to copy. @throws KmcError when either cannot be reached. */
  static async start(spec: LinkSpec, { log, clock = systemClock }: LinkOptions): Promise<Link> {
    const [source, destination] = await connectBoth(spec)
    try {
      const store = await openStateStore(destination)
      const record = await ensureRecord(store, spec, source, destination, clock)
      const lease = await claimLease(store, spec.name, randomUUID(), clock.now())
      const writer = {
        producerId: record.producerId!,
        producerEpoch: record.producerEpoch!,
        generation: lease.generation,
      }
      log.info({ link: spec.name, ...writer }, 'link taken over')
      const link = new Link({ spec, log, clock, source, destination, store, writer })
      link.#following = link.#follow()
      return link
    } catch (error) {
      await Promise.all([source.close(), destination.close()])
      throw error
    }
  }

  /** Resolves when the link ends by itself. */
  get ended(): Promise<LinkEnd> {
    return this.#ended.promise
  }

  status(): LinkStatus {
    if (this.#session === null && this.#resting !== null) return this.#resting
    return { ...this.#report.status(this.#session), gaps: this.#gate.path }
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#following
    await this.#endSession()
    await Promise.all([this.#store.close(), this.#source.close(), this.#destination.close()])
  }

  /** Does what the state topic wants, for as long as the link runs. */
  async #follow(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        const end = await this.#obey()
        if (end !== null) {
          await this.#endSession()
          this.#ended.resolve(end)
          return
        }
        if (this.#session === null) await this.#observe()
        await this.#store.next(this.#stop.signal)
      } catch (error) {
        if (this.#stop.signal.aborted) return
        this.#log.warn({ why: messageOf(error) }, 'state topic not read')
        await this.#clock.sleep(1_000, this.#stop.signal)
      }
    }
  }

  async #obey(): Promise<LinkEnd | null> {
    const record = this.#store.view.link(this.spec.name)
    const lease = this.#store.view.lease(this.spec.name)
    if (record === null) return { why: 'deleted' }
    const overtaken = lease !== null && lease.generation > this.#writer.generation
    if (overtaken || this.#session?.copying.fence) return { why: 'fenced' }
    if (record.desired === 'active') {
      if (this.#session !== null && (await this.#gate.hasMoved())) await this.#endSession()
      if (this.#session !== null || !(await this.#gate.isOpen())) return null
      this.#resting = null
      this.#session = this.#begin()
    } else await this.#endSession()
    return null
  }

  async #endSession(): Promise<void> {
    const session = this.#session
    this.#session = null
    await session?.stop()
  }

  async #observe(): Promise<void> {
    const seen = await observeBetween(this.spec.name, this.#source, this.#destination, this.#store.view)
    const { fault } = this.#gate
    this.#resting = fault === null || seen.state === 'paused' ? seen : { ...seen, state: 'faulted', fault }
  }

  #destinationPort(): DestinationAdapter {
    const { path, gapWriters } = this.#gate
    if (path === 'markers') return new DestinationAdapter(this.#destination, gapWriters)
    const note = (producerIds: readonly number[]) => this.#gate.note(producerIds)
    const link = this.spec.name
    const isOurs = async () => {
      const state = await readState(this.#destination)
      return state?.lease(link)?.generation === this.#writer.generation
    }
    return new TransactionalDestination(this.#destination, {
      link,
      isOurs,
      note,
      gapWriters,
      clock: this.#clock,
    })
  }

  #begin(): LinkSession {
    const ports: SessionPorts = {
      source: new SourceAdapter(this.#source),
      destination: this.#destinationPort(),
      groupSource: new GroupSourceAdapter(this.#source),
      groupDestination: new GroupDestinationAdapter(this.#destination),
      shareSource: new ShareGroupAdapter(this.#source),
      shareDestination: new ShareGroupAdapter(this.#destination),
      destinationClusterId: this.#destination.clusterId,
      travel: {
        source: new TravelAdapter(this.#source),
        destination: new TravelAdapter(this.#destination),
        book: new OwnedNotes(this.#destination, this.spec.name),
      },
    }
    const session = new LinkSession({
      spec: this.spec,
      ports,
      writer: this.#writer,
      mirrors: this.#store.view.mirrors(this.spec.name),
      saveMirror: (record) =>
        this.#store.append({ kind: 'mirror', name: this.spec.name, topic: record.topic, record }),
      forgetMirror: (topic) =>
        this.#store.append({ kind: 'mirror', name: this.spec.name, topic, record: null }),
      clock: this.#clock,
      log: this.#log,
    })
    session.start()
    return session
  }
}

async function connectBoth(spec: LinkSpec): Promise<[Cluster, Cluster]> {
  const [source, destination] = await Promise.allSettled([
    Cluster.connect(spec.source, { framePool: new FramePool(limits.frameBytesMax) }),
    Cluster.connect(spec.destination),
  ])
  if (source.status === 'fulfilled' && destination.status === 'fulfilled') {
    if (source.value.clusterId !== destination.value.clusterId) return [source.value, destination.value]
    await Promise.all([source.value.close(), destination.value.close()])
    const text = `link ${spec.name}: ${spec.source.name} and ${spec.destination.name} are one cluster`
    throw linkError('LINK_TO_ITSELF', text, { context: { clusterId: source.value.clusterId } })
  }
  if (source.status === 'fulfilled') await source.value.close()
  if (destination.status === 'fulfilled') await destination.value.close()
  throw source.status === 'rejected' ? source.reason : (destination as PromiseRejectedResult).reason
}

/** A producer id of the link's own on the destination. */
async function newIdentity(destination: Cluster): Promise<{ producerId: number; producerEpoch: number }> {
  try {
    return await initProducerId(destination)
  } catch (cause) {
    const code = linkCodeOf(cause)
    if (code === null) throw cause
    throw linkError(
      code,
      `a producer id on ${destination.name} needs WRITE on a topic: ${messageOf(cause)}`,
      { cause },
    )
  }
}

/** The link's record with a writer identity of its own; both outlive every worker. */
async function ensureRecord(
  store: StateStore,
  spec: LinkSpec,
  source: Cluster,
  destination: Cluster,
  clock: Clock,
): Promise<LinkRecord> {
  const known = store.view.link(spec.name)
  const identity =
    known !== null && known.producerId !== null && known.producerEpoch !== null
      ? { producerId: known.producerId, producerEpoch: known.producerEpoch }
      : await newIdentity(destination)
  const { name, topics, groups, prefix, start, limit, priority } = spec
  const record: LinkRecord = {
    name,
    topics: [...topics],
    groups: [...groups],
    prefix,
    start: start as LinkRecord['start'],
    ...(spec.travel !== undefined && { travel: spec.travel }),
    source: { name: spec.source.name, clusterId: source.clusterId },
    desired: known?.desired ?? 'active',
    ...identity,
    updatedAt: clock.now(),
    ...(limit !== undefined && { limit: structuredClone(limit) as LinkRecord['limit'] }),
    ...(priority !== undefined && { priority: [...priority] }),
  }
  if (known !== null && known.source.clusterId !== source.clusterId) {
    const was = known.source.clusterId
    const text = `link ${name} was made for cluster ${was}, ${spec.source.name} is ${source.clusterId}`
    throw linkError('LINK_SOURCE_CHANGED', text, { context: { link: name } })
  }
  if (
    known === null ||
    JSON.stringify({ ...known, updatedAt: 0 }) !== JSON.stringify({ ...record, updatedAt: 0 })
  ) {
    await store.append({ kind: 'link', name, record })
    await store.refresh()
  }
  return record
}
