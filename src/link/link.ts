import { beatingClock, type Clock } from '../base/clock.ts'
import { messageOf } from '../base/error.ts'
import type { Log } from '../base/log.ts'
import { connectLink, leaveBoth } from './connect.ts'
import { Counters } from './copy/counters.ts'
import { WorkerMemory } from './copy/memory.ts'
import { Signal } from './copy/signal.ts'
import { linkError } from './errors.ts'
import { Gate } from './gate.ts'
import { claimOf } from './mirrors/claim.ts'
import { observeBetween } from './observe.ts'
import { DestinationAdapter } from './ports/destination.ts'
import { GroupDestinationAdapter, GroupSourceAdapter, ShareGroupAdapter } from './ports/groups.ts'
import { SourceAdapter } from './ports/source.ts'
import { TransactionalDestination } from './ports/transactional.ts'
import { OwnedNotes, TravelAdapter, TravelSource } from './ports/travel.ts'
import { ensureRecord, type LinkGround, raiseIdsOnce, refuseOtherSource } from './record.ts'
import { LinkReport } from './report/link.ts'
import { LinkSession } from './session.ts'
import type { SessionPorts } from './session-options.ts'
import type { Assignment } from './share/assignment.ts'
import { aloneAt, type Share } from './share/share.ts'
import { type Lead, WorkerGroup } from './share/worker-group.ts'
import type { LinkSpec } from './spec.ts'
import { claimLease } from './state/lease.ts'
import type { LinkRecord } from './state/records.ts'
import { sessionStateOn } from './state/session-state.ts'
import { openStateStore, readState } from './state/store.ts'
import type { LinkStatus } from './status.ts'
import { runsElsewhere } from './turn/direction.ts'

export type LinkOptions = {
  readonly log: Log
  readonly clock?: Clock
  /**
   * A name that outlives this process: the worker started next under it takes over at once, and fences this one.
   * Without one a worker that was killed is waited for until its session is over.
   */
  readonly instance?: string | null
  /** Which thread of the process this is. */
  readonly thread?: number
  /** Shared with the other links of the thread; default: with none. */
  readonly memory?: WorkerMemory
  /** Gives the link up at once, whatever is on its way: both clusters are left, and all that still runs ends for it. */
  readonly signal?: AbortSignal | undefined
}

/** Why a link ended by itself. */
export type LinkEnd = { readonly why: 'fenced' | 'deleted' | 'turned' }

/** What this worker has in the generation that runs. */
type Place = { readonly assignment: Assignment; readonly share: Share }

/** How long `start` waits for a place among the workers; it may take longer while others have to be waited for. */
const FIRST_GENERATION_MS = 5_000
/** The broker answers at once when the state topic changes; until then a question costs less the longer it waits. */
const STATE_WAIT_MS = 10_000
const OBEY_EVERY_MS = 2_000

/**
 * One worker of an exact link: it has a place among the link's workers, runs a session on its share while
 * `__kmc_state` wants the link active, none while it is paused or the workers change, and ends when another process
 * has taken its name, or the link was deleted or runs the other way round.
 */
export class Link {
  readonly spec: LinkSpec
  readonly #ground: LinkGround
  readonly #log: Log
  readonly #memory: WorkerMemory
  readonly #report: LinkReport
  readonly #counters = new Counters()
  readonly #group: WorkerGroup
  readonly #gate: Gate
  readonly #ended = Promise.withResolvers<LinkEnd>()
  readonly #stop = new AbortController()
  #place: Place | null = null
  #session: LinkSession | null = null
  /** Sessions that still have something on its way; the next one waits for them. */
  readonly #halting = new Set<Promise<void>>()
  readonly #leftovers = new Set<Promise<void>>()
  /** The link as it was last seen while it is paused. */
  #resting: LinkStatus | null = null
  /** Whether `__kmc_state` ever held the link: only then its absence means that it was deleted. */
  #known = false
  #following: Promise<unknown> = Promise.resolve()
  /** Something in the state topic has changed. */
  readonly #news = new Signal()

  private constructor(ground: LinkGround, options: LinkOptions & { readonly memory: WorkerMemory }) {
    const { log, memory, instance = null, thread = 0 } = options
    this.spec = ground.spec
    this.#ground = ground
    this.#log = log
    this.#memory = memory
    this.#report = new LinkReport(ground.spec.name, ground.clock)
    this.#gate = new Gate({ ...ground, log })
    this.#group = new WorkerGroup({
      link: ground.spec.name,
      destination: ground.destination,
      instance,
      thread,
      settle: () => this.#settle(),
      lead: (claim) => this.#lead(claim),
      begin: (assignment, share) => this.#takePlace({ assignment, share }),
      clock: ground.clock,
      log,
    })
    void this.#group.takenOver.then(() => this.#ended.resolve({ why: 'fenced' }))
  }

  /**
   * Connects to both clusters, takes a place among the link's workers and starts to copy.
   * @throws KmcError when a cluster cannot be reached or a right is missing
   */
  static async start(declared: LinkSpec, options: LinkOptions): Promise<Link> {
    const { memory = new WorkerMemory(), signal } = options
    const connected = await connectLink(declared, { memory, signal })
    const { spec, source, destination } = connected
    let link: Link | null = null
    try {
      const store = await openStateStore(destination)
      refuseOtherSource(store.view.link(spec.name), spec, source)
      const { clock = beatingClock } = options
      link = new Link({ ...connected, store, clock }, { ...options, memory })
      await link.#group.firstGeneration(FIRST_GENERATION_MS)
      link.#following = Promise.all([link.#follow(), link.#obeyAlways()])
      return link
    } catch (error) {
      await link?.stop()
      await leaveBoth(connected)
      throw error
    }
  }

  /** Resolves when the link ends by itself. */
  get ended(): Promise<LinkEnd> {
    return this.#ended.promise
  }

  status(): LinkStatus {
    if (this.#resting !== null) return this.#resting
    const { assignment = null, share = null } = this.#place ?? {}
    const status = this.#report.status(this.#session, {
      isWanted: this.#isWanted,
      assignment,
      self: share?.self ?? null,
      fault: this.#group.fault() ?? this.#gate.fault,
      counters: this.#counters.snapshot(),
    })
    return { ...status, gaps: this.#gate.path, from: this.spec.source.name, to: this.spec.destination.name }
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    this.#news.give()
    await this.#following
    await this.#group.stop()
    await Promise.all(this.#leftovers)
    const { store, source, destination } = this.#ground
    await Promise.all([store.close(), leaveBoth({ source, destination })])
  }

  get #isWanted(): boolean {
    return this.#ground.store.view.link(this.spec.name)?.desired === 'active'
  }

  /** Takes in what comes in the state topic, for as long as the link runs. */
  async #follow(): Promise<void> {
    const { store, clock } = this.#ground
    const { signal } = this.#stop
    while (!signal.aborted) {
      try {
        if (!(await store.next(signal, STATE_WAIT_MS))) continue
        this.#session?.stateChanged()
        this.#news.give()
      } catch (error) {
        if (signal.aborted) return
        this.#log.warn({ why: messageOf(error) }, 'state topic not read')
        await clock.sleep(1_000, signal)
      }
    }
  }

  /** Does what the state topic wants: when it has changed, and now and then, as other things change too. */
  async #obeyAlways(): Promise<void> {
    const { clock } = this.#ground
    while (!this.#stop.signal.aborted) {
      try {
        const end = await this.#obey()
        if (end !== null) {
          this.#ended.resolve(end)
          return
        }
      } catch (error) {
        if (this.#stop.signal.aborted) return
        this.#log.warn({ what: 'obeying', why: messageOf(error) }, 'a round of the link failed')
      }
      await this.#news.wait(OBEY_EVERY_MS, clock)
    }
  }

  async #obey(): Promise<LinkEnd | null> {
    const { view } = this.#ground.store
    const record = view.link(this.spec.name)
    if (record === null) {
      if (!this.#known) return null
      await this.#endSession()
      return { why: 'deleted' }
    }
    this.#known = true
    if (runsElsewhere(view.direction(this.spec.name), this.#ground.destination.clusterId)) {
      await this.#endSession()
      return { why: 'turned' }
    }
    this.#lookForOvertaking()
    await this.#lookAtGate()
    if (record.desired === 'active') this.#resting = null
    else {
      await this.#endSession()
      await this.#tellRest(record)
      await this.#observe()
    }
    this.#beginIfWanted()
    return null
  }

  /** A later generation than ours has been taken, or has written: it is not ours to write any more. */
  #lookForOvertaking(): void {
    if (this.#place === null) return
    const { generation } = this.#place.assignment
    const taken = this.#ground.store.view.lease(this.spec.name)?.generation ?? 0
    if (taken > generation) this.#group.startOver(`generation ${taken} was taken`)
    const copying = this.#session?.copying
    if (copying?.fence) this.#group.startOver(copying.fence.message, copying.overtakenBy)
  }

  /** The leading worker chooses anew for all when what it chose does not hold any more. */
  async #lookAtGate(): Promise<void> {
    if (!this.#place?.share.isLeader) return
    const { gaps } = this.#place.assignment
    const hasOpened = gaps === null && this.#isWanted && (await this.#gate.isOpen())
    if (hasOpened) this.#group.startOver('nothing is in the way of the link any more')
    else if (gaps !== null && (await this.#gate.hasMoved())) this.#group.startOver('gaps go another way')
  }

  /**
   * At the leading worker: notes that nobody works on the link any more. Others surely do not in a generation that was
   * begun while the link was to rest, as nobody joins before its work is settled.
   */
  async #tellRest({ name, updatedAt: wish }: LinkRecord): Promise<void> {
    const { store, clock } = this.#ground
    if (!this.#place?.share.isLeader || store.view.rest(name)?.wish === wish) return
    const { share, assignment } = this.#place
    if (share.isShared && assignment.gaps !== null) {
      this.#group.startOver('the link is to rest')
      return
    }
    const { generation } = assignment
    await store.append({ kind: 'rest', name, record: { link: name, wish, generation, at: clock.now() } })
  }

  #takePlace(place: Place): void {
    const { generation, producerId, members } = place.assignment
    const { self, isLeader } = place.share
    this.#log.info({ generation, producerId, self, isLeader, workers: members.length }, 'link taken over')
    this.#place = place
    this.#beginIfWanted()
  }

  /** Writes the link's record and takes the lease for all workers. */
  async #lead(claim: { readonly above: number; readonly isWanted: () => boolean }): Promise<Lead> {
    const { store, clock } = this.#ground
    await store.refresh()
    if (this.#known && store.view.link(this.spec.name) === null) {
      throw linkError('LINK_UNKNOWN', `link ${this.spec.name} was deleted`)
    }
    const { producerId, producerEpoch } = await ensureRecord(this.#ground)
    this.#known = true
    const gaps = this.#isWanted && (await this.#gate.isOpen()) ? this.#gate.path : null
    const link = this.spec.name
    const { generation } = await claimLease(store, {
      link,
      workerId: this.#group.id,
      now: clock.now(),
      ...claim,
    })
    return { generation, producerId: producerId!, producerEpoch: producerEpoch!, gaps }
  }

  #beginIfWanted(): void {
    const place = this.#place
    if (place === null || this.#session !== null || this.#halting.size > 0) return
    const { gaps } = place.assignment
    if (gaps === null || !this.#isWanted || this.#stop.signal.aborted) return
    this.#gate.adopt(gaps)
    this.#session = this.#sessionOn(place)
    this.#session.start()
    if (place.share.isLeader) this.#leftOver(this.#raiseIds(this.#session))
  }

  async #raiseIds(session: LinkSession): Promise<void> {
    try {
      const taken = await raiseIdsOnce(this.#ground, () => session !== this.#session)
      if (taken > 0) this.#log.info({ taken }, 'producer ids of the destination raised')
    } catch (error) {
      this.#log.warn({ why: messageOf(error) }, 'producer ids of the destination not raised yet')
    }
  }

  #leftOver(work: Promise<void>): void {
    const leftover = work.finally(() => this.#leftovers.delete(leftover))
    this.#leftovers.add(leftover)
  }

  async #settle(): Promise<void> {
    this.#place = null
    await this.#endSession()
    await Promise.all(this.#halting)
  }

  /** Resolves when nothing of the session is on its way to the destination; what only reads ends by itself. */
  async #endSession(): Promise<void> {
    const session = this.#session
    if (session === null) return
    this.#session = null
    this.#leftOver(session.stop())
    const halting = session.halt().finally(() => this.#halting.delete(halting))
    this.#halting.add(halting)
    await halting
    this.#beginIfWanted()
  }

  async #observe(): Promise<void> {
    const { source, destination, store } = this.#ground
    this.#resting = await observeBetween(this.spec.name, source, destination, store.view)
  }

  #destinationPort({ generation }: Assignment): DestinationAdapter {
    const { destination, clock } = this.#ground
    const { path, gapWriters } = this.#gate
    if (path === 'markers') return new DestinationAdapter(destination, gapWriters)
    const link = this.spec.name
    const isOurs = async () => (await readState(destination))?.lease(link)?.generation === generation
    const note = (producerIds: readonly number[]) => this.#gate.note(producerIds)
    return new TransactionalDestination(destination, { link, isOurs, note, gapWriters, clock })
  }

  #sessionOn({ assignment, share }: Place): LinkSession {
    const { source, destination, store, clock } = this.#ground
    const { producerId, producerEpoch, generation } = assignment
    const ports: SessionPorts = {
      source: new SourceAdapter(source),
      destination: this.#destinationPort(assignment),
      groupSource: new GroupSourceAdapter(source),
      groupDestination: new GroupDestinationAdapter(destination),
      shareSource: new ShareGroupAdapter(source),
      shareDestination: new ShareGroupAdapter(destination),
      destinationClusterId: destination.clusterId,
      travel: {
        source: new TravelSource(source, destination),
        destination: new TravelAdapter(destination),
        book: new OwnedNotes(destination, this.spec.name),
      },
    }
    return new LinkSession({
      spec: this.spec,
      ports,
      writer: { producerId, producerEpoch, generation },
      share: assignment.gaps === 'transactions' ? aloneAt(share, assignment) : share,
      state: sessionStateOn(store, this.spec.name),
      intents: {
        list: () => store.view.intents(this.spec.name),
        saveReceipt: (record) =>
          store.append({ kind: 'receipt', name: this.spec.name, topic: record.topic, record }),
      },
      reports: {
        list: () => store.view.reports(this.spec.name),
        save: (worker, record) => store.append({ kind: 'report', name: this.spec.name, worker, record }),
      },
      claimed: (mirror, topicId) => claimOf(store.view, this.spec.name, mirror, topicId),
      counters: this.#counters,
      held: this.#memory.held,
      clock,
      log: this.#log,
    })
  }
}
