import { type Clock, systemClock } from '../../base/clock.ts'
import { messageOf } from '../../base/error.ts'
import { type Log, silentLog } from '../../base/log.ts'
import { nowMs } from '../../client/clock.ts'
import type { Cluster } from '../../client/cluster.ts'
import { isKafkaError } from '../../client/errors.ts'
import type { ClusterDoor } from '../cluster-door.ts'
import { Kept, type Trouble, troubleOf } from './aged.ts'
import { Breather } from './breather.ts'
import { CommitReader } from './commits/reader.ts'
import { GroupBook } from './groups/book.ts'
import { type Asking, askEnds, askList, askMembers, askPositions } from './groups/sample.ts'
import { healthOf } from './health.ts'
import { sampleBrokers, sampleDisks, sampleQuorum } from './samples.ts'
import { TopicSampler } from './topics.ts'
import type { BrokersView, ClusterView, DisksView, GroupsView, QuorumView, TopicsView } from './view.ts'

/** What a watch asks its cluster through. */
export type Door = Pick<ClusterDoor, 'name' | 'use'>

export type WatchPace = {
  /** Between two looks at the same thing. A look that takes long is followed by a pause up to 19 times as long. */
  readonly everyMs: number
  /** The same for what changes slowly or costs much: disks, and where logs begin. */
  readonly slowlyMs: number
  /** Between two looks at new commits. */
  readonly commitsMs: number
  /** How long one question may take. */
  readonly useMs: number
}

export type WatchOptions = {
  readonly log?: Log
  readonly clock?: Clock
  readonly pace?: WatchPace
}

/** As Burrow looks at the ends of logs. */
const PACE: WatchPace = { everyMs: 10_000, slowlyMs: 60_000, commitsMs: 2_000, useMs: 10_000 }
const PAUSE_PER_WORK = 19
const PAUSE_MAX_MS = 60_000
/** Where commits may not be read they are tried again now and then. */
const COMMITS_RETRY_MS = 60_000

type Limits = { readonly timeoutMs: number; readonly signal: AbortSignal }

/**
 * Looks at one cluster again and again and keeps the last good answer to each question. What it costs the cluster: per
 * beat one DescribeCluster, DescribeQuorum and Metadata, a ListGroups to each broker, positions of the groups that
 * committed, one ListOffsets to each leader. A cluster that hangs holds up nothing but its own beats.
 */
export class ClusterWatch implements AsyncDisposable {
  readonly #door: Door
  readonly #log: Log
  readonly #clock: Clock
  readonly #pace: WatchPace
  readonly #ending = new AbortController()
  readonly #listeners = new Set<() => void>()
  readonly #brokers = new Kept<BrokersView>()
  readonly #quorum = new Kept<QuorumView>()
  readonly #topics = new Kept<TopicsView>()
  readonly #disks = new Kept<DisksView>()
  readonly #groups = new Kept<GroupsView>()
  readonly #topicSampler = new TopicSampler()
  readonly #book = new GroupBook()
  readonly #commits = new CommitReader((commit, at, isPast) =>
    this.#book.committed(commit, { at, now: this.#clock.now(), isPast }),
  )
  #commitsTrouble: Trouble | null = null
  #commitsRetryAt = 0
  #reading: Promise<void> | null = null
  #startsAt = 0
  #view: ClusterView | null = null
  readonly #loops: Promise<unknown>

  private constructor(door: Door, { log = silentLog, clock = systemClock, pace = PACE }: WatchOptions) {
    this.#door = door
    this.#log = log
    this.#clock = clock
    this.#pace = pace
    const { everyMs, slowlyMs } = pace
    this.#loops = Promise.all([
      this.#repeat(this.#brokers, everyMs, () => this.#use(sampleBrokers)),
      this.#repeat(this.#quorum, everyMs, () =>
        this.#use((...ask) => sampleQuorum(ask[0], clock.now, ask[1])),
      ),
      this.#repeat(this.#topics, everyMs, () =>
        this.#use((cluster, limits) => this.#topicSampler.sample(cluster, new Breather(), limits)),
      ),
      this.#repeat(this.#disks, slowlyMs, () => this.#sampleDisks()),
      this.#repeat(this.#groups, everyMs, () => this.#sampleGroups()),
      this.#followCommits(),
    ])
  }

  /** Begins to look, at once. */
  static start(door: Door, options: WatchOptions = {}): ClusterWatch {
    return new ClusterWatch(door, options)
  }

  /** What is known now; the same object until something was looked at again. */
  view(): ClusterView {
    this.#view ??= this.#makeView()
    return this.#view
  }

  /** Calls `listener` after each look, good or bad; the function given ends that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort()
    await this.#loops
  }

  #makeView(): ClusterView {
    const facts = {
      brokers: this.#brokers.aged,
      quorum: this.#quorum.aged,
      topics: this.#topics.aged,
      disks: this.#disks.aged,
    }
    return { name: this.#door.name, ...facts, groups: this.#groups.aged, health: healthOf(facts) }
  }

  async #repeat<T>(kept: Kept<T>, everyMs: number, sample: () => Promise<T>): Promise<void> {
    const { signal } = this.#ending
    while (!signal.aborted) {
      const startedMs = nowMs()
      let pauseMs = everyMs
      try {
        kept.took(await sample(), this.#clock.now())
        const tookMs = nowMs() - startedMs
        pauseMs = Math.max(everyMs, Math.min(PAUSE_MAX_MS, PAUSE_PER_WORK * tookMs))
      } catch (error) {
        if (signal.aborted) return
        kept.failed(error, this.#clock.now())
        this.#log.debug({ cluster: this.#door.name, why: messageOf(error) }, 'a look at a cluster failed')
      }
      this.#changed()
      await this.#clock.sleep(pauseMs, signal)
    }
  }

  #changed(): void {
    this.#view = null
    for (const listener of this.#listeners) listener()
  }

  #use<T>(run: (cluster: Cluster, limits: Limits) => Promise<T>): Promise<T> {
    const { signal: ending } = this.#ending
    const limits = { timeoutMs: this.#pace.useMs }
    return this.#door.use((cluster, signal) => run(cluster, { ...limits, signal }), {
      ...limits,
      signal: ending,
    })
  }

  async #sampleDisks(): Promise<DisksView> {
    const breather = new Breather()
    const { view, bytesOf } = await this.#use((cluster, limits) => sampleDisks(cluster, breather, limits))
    await this.#book.sized(bytesOf, breather)
    return view
  }

  async #sampleGroups(): Promise<GroupsView> {
    const breather = new Breather()
    const now = this.#clock.now
    const asking: Asking = { use: (run) => this.#use(run), book: this.#book, now, breather }
    const { failures } = await askList(asking)
    await this.#readCommits()
    await askMembers(asking)
    await askPositions(asking)
    const withStarts = now() - this.#startsAt >= this.#pace.slowlyMs
    await askEnds(asking, withStarts)
    if (withStarts) this.#startsAt = now()
    return {
      groups: await this.#book.views(now(), breather),
      commits: this.#book.isPolled ? 'polls' : 'log',
      commitsTrouble: this.#commitsTrouble,
      missing: failures.map(({ node, error }) => ({ nodeId: node, why: error.message })),
    }
  }

  /** Between two looks at the groups, so that each commit meets the end of its log as it was. */
  async #followCommits(): Promise<void> {
    const { signal } = this.#ending
    while (!signal.aborted) {
      await this.#clock.sleep(this.#pace.commitsMs, signal)
      if (!signal.aborted && this.#groups.aged.at !== null) await this.#readCommits()
    }
  }

  /** One reading at a time; a second caller waits for the one that runs. */
  #readCommits(): Promise<void> {
    this.#reading ??= this.#readAllCommits().finally(() => {
      this.#reading = null
    })
    return this.#reading
  }

  async #readAllCommits(): Promise<void> {
    const now = this.#clock.now
    if (now() < this.#commitsRetryAt) return
    try {
      const breather = new Breather()
      const read = () => this.#use((cluster, limits) => this.#commits.read(cluster, now(), breather, limits))
      while (!(await read()));
      this.#commitsTrouble = null
      this.#book.isPolled = false
    } catch (error) {
      if (this.#ending.signal.aborted) return
      this.#commitsTrouble = troubleOf(error, this.#commitsTrouble?.since ?? now())
      if (!isKafkaError(error, 'TOPIC_AUTHORIZATION_FAILED')) return
      this.#book.isPolled = true
      this.#commitsRetryAt = now() + COMMITS_RETRY_MS
    }
  }
}
