import { systemClock } from '../../base/clock.ts'
import { createTopics } from '../../client/admin/create-topics.ts'
import type { Cluster } from '../../client/cluster.ts'
import type { ClusterConfig } from '../../client/config.ts'
import { unwrap } from '../../client/outcome.ts'
import type { Supervisor } from '../../fleet/run/supervisor.ts'
import type { LinkSpec } from '../../link/spec.ts'
import { readState } from '../../link/state/store.ts'
import type { VerifyReport } from '../../link/verify/report.ts'
import { verifyLink } from '../../link/verify/verify.ts'
import type { CommandContext } from '../command.ts'
import { cliError } from '../errors.ts'
import { groupDigits } from '../terminal/table.ts'
import { formatDuration } from '../terminal/units.ts'
import { auditTopics } from './audit.ts'
import { DEMO_LINK, DEMO_ROUTE } from './demo-fleet.ts'
import type { DemoScreen } from './demo-screen.ts'
import { killWorker } from './kill-worker.ts'
import { type Audit, type AuditedTopic, Ledger } from './ledger.ts'
import { losePrimary, type PrimaryLost, type Shop } from './lose-primary.ts'
import { ShopReader, shopGroups } from './shop-reader.ts'
import { ShopWriter, shopTopics } from './shop-writer.ts'
import { type Both, type Sample, Sides } from './sides.ts'
import { Stage } from './stage.ts'

export type StoryOptions = {
  readonly supervisor: Supervisor
  readonly source: ClusterConfig
  readonly destination: ClusterConfig
  /** How the shop finds whichever of them serves. */
  readonly route: ClusterConfig
  readonly spec: LinkSpec
  readonly screen: DemoScreen
  /** Of the command `kmc failover` in the demo's fleet. */
  readonly context: CommandContext
  readonly durationMs: number | null
  /** Fires when the story shall come to its end: the shop closes, all is verified. */
  readonly finish: AbortSignal
  /** Fires when everything is being torn down: nothing more can be shown. */
  readonly end: AbortSignal
}

/** A consumer group at the end. */
export type GroupAtEnd = Both & {
  readonly group: string
  /** Orders that virginia holds and that it never got, and those that it got more than once. */
  readonly missed: number
  readonly again: number
}

/** What came of the demo. */
export type StoryResult = {
  readonly verified: VerifyReport
  readonly audits: Record<AuditedTopic, Audit>
  readonly counts: Ledger['counts']
  readonly groups: readonly GroupAtEnd[]
  readonly kills: number
  /** null where the run ended before seoul was killed. */
  readonly primaryLost: PrimaryLost | null
}

/** Each comes when there is something to lose, and early enough to see what follows. */
const WORKER_DIES = { ms: 8_000, share: 0.25 }
const SEOUL_DIES = { ms: 20_000, share: 0.5 }

const LOOK_MS = 500
const OPENED_LOOK_MS = 100
const IDS_APART_WITHIN_MS = 30_000
const OPENED_WITHIN_MS = 60_000

/** The demo from the first record to the verdict. What it starts has ended when it returns or throws. */
export async function tellStory(options: StoryOptions): Promise<StoryResult> {
  const { source, destination, route, screen, end } = options
  const sides = await Sides.connect(source, destination)
  const broken = new AbortController()
  const failed = (error: unknown) => broken.abort(error)
  const ledger = new Ledger()
  const writer = new ShopWriter(route, ledger)
  const readers: ShopReader[] = []
  let isWhole = false
  const story = new Story(options, { sides, ledger, shop: { writer, readers } })
  try {
    await makeTopics(sides.source)
    await story.opened(end)
    for (const group of shopGroups) readers.push(await ShopReader.start(route, group, failed))
    writer.start(failed)
    screen.good(
      'a small shop writes orders, payments and stock through the route; the groups shipping and billing read',
    )
    await story.live(AbortSignal.any([options.finish, end, broken.signal]), broken.signal)
    if (broken.signal.aborted) throw broken.signal.reason
    end.throwIfAborted()
    const result = await story.conclude()
    isWhole = true
    return result
  } finally {
    screen.clear()
    // What goes wrong in closing has been told by then; clients that wait for brokers are not waited for.
    const closing = Promise.allSettled([writer, ...readers, sides].map((part) => part.close()))
    if (isWhole) await closing
  }
}

/** Shows both sides while the shop works, kills first a worker and then a cluster, and judges at the end. */
class Story {
  readonly #options: StoryOptions
  readonly #ledger: Ledger
  readonly #shop: Shop
  readonly #stage: Stage
  #kills = 0
  /** What stood on both sides before seoul was killed. */
  #verified: VerifyReport | null = null
  #tellLoss: (() => Promise<PrimaryLost>) | null = null

  constructor(
    options: StoryOptions,
    { sides, ledger, shop }: { readonly sides: Sides; readonly ledger: Ledger; readonly shop: Shop },
  ) {
    const { supervisor, screen, durationMs } = options
    this.#options = options
    this.#ledger = ledger
    this.#shop = shop
    this.#stage = new Stage({ supervisor, screen, sides, durationMs })
  }

  /** Waits for the gateway. @throws DEMO_ROUTE_CLOSED */
  async opened(signal: AbortSignal): Promise<void> {
    const { supervisor, screen } = this.#options
    const shop = () => supervisor.status().routes.find(({ name }) => name === DEMO_ROUTE)
    screen.progress('opening the route')
    const deadline = Date.now() + OPENED_WITHIN_MS
    while (shop()?.state !== 'serving') {
      signal.throwIfAborted()
      const why = shop()?.fault?.message ?? 'its gateway does not say why'
      if (Date.now() > deadline)
        throw cliError('DEMO_ROUTE_CLOSED', `route ${DEMO_ROUTE} takes nobody: ${why}`)
      await systemClock.sleep(OPENED_LOOK_MS, signal)
    }
  }

  /** Until the signal fires or the time is over; what was begun to be told is told to its end. */
  async live(signal: AbortSignal, broken: AbortSignal): Promise<void> {
    const stage = this.#stage
    const { screen, durationMs, end } = this.#options
    const lasts = (ms: number) => () => stage.elapsedMs >= ms
    const pause = (until: { readonly ms: number; readonly share: number }) =>
      stage.until(lasts(stage.at(until.ms, until.share)), signal, Number.POSITIVE_INFINITY)
    const before = await stage.look()
    if (!(await stage.until((sample) => hasMirrored(before, sample), signal))) return
    screen.good(`the first of them stand in virginia after ${formatDuration(stage.elapsedMs)}`)
    if (!(await pause(WORKER_DIES))) return
    if (await killWorker(stage, signal)) this.#kills += 1
    if (!(await pause(SEOUL_DIES))) return
    await this.#idsAreApart(signal)
    await this.#loseSeoul(AbortSignal.any([end, broken]))
    await stage.until(lasts(durationMs ?? Number.POSITIVE_INFINITY), signal, Number.POSITIVE_INFINITY)
  }

  /** Until virginia hands out no producer id that seoul may have given to a client; a failover waits for that. */
  async #idsAreApart(signal: AbortSignal): Promise<void> {
    const { sides } = this.#stage
    const isDone = async () =>
      (await readState(sides.destination))?.link(DEMO_LINK)?.producerIdsFrom !== undefined
    const deadline = Date.now() + IDS_APART_WITHIN_MS
    while (!(await isDone()) && Date.now() < deadline) await this.#stage.until(() => false, signal, LOOK_MS)
  }

  async #loseSeoul(signal: AbortSignal): Promise<void> {
    const { screen, spec, context } = this.#options
    screen.progress('comparing both sides record by record')
    this.#verified = await verifyLink(spec, { signal })
    const records = groupDigits(this.#verified.records)
    if (this.#verified.equal) screen.good(`both sides are equal so far: ${records} records compared`)
    else screen.bad('both sides differ')
    this.#tellLoss = await losePrimary(this.#stage, this.#shop, { context: { ...context, signal }, signal })
  }

  /** Lets everything arrive, then compares: record by record, promise by promise, position by position. */
  async conclude(): Promise<StoryResult> {
    const { screen, spec, end } = this.#options
    const { sides } = this.#stage
    const { writer, readers } = this.#shop
    screen.note('the shop closes; what is on its way arrives')
    await writer.close()
    await this.#stage.until(this.#tellLoss === null ? inStep : groupsAtEnd, end)
    const loss = (await this.#tellLoss?.()) ?? null
    for (const reader of readers) await reader.close()
    if (loss === null) await this.#stage.until(groupsInStep, end)
    screen.keep(this.#stage.frame)
    screen.progress('comparing what was promised with what is there')
    const verified = this.#verified ?? (await verifyLink(spec, { signal: end }))
    const { of: audits, orders } = await auditTopics(sides.destination, this.#ledger, { signal: end })
    const { groups } = await this.#stage.look()
    return {
      ...{ verified, audits, counts: this.#ledger.counts, kills: this.#kills, primaryLost: loss },
      groups: groups.map((both, index) => {
        const reader = readers[index]!
        return { ...both, missed: orders.filter((id) => !reader.hasRead(id)).length, again: reader.again }
      }),
    }
  }
}

/** Whether every topic has gained something on the destination since the first look. */
function hasMirrored(before: Sample, now: Sample): boolean {
  return now.topics.every(
    ({ destination }, index) => (destination ?? 0) > (before.topics[index]?.destination ?? 0),
  )
}

function inStep({ topics }: Sample): boolean {
  return topics.every(({ source, destination }) => source !== null && source === destination)
}

function groupsInStep({ groups }: Sample): boolean {
  return groups.every(({ source, destination }) => source !== null && source === destination)
}

/** Whether every group has read all orders of the cluster that is left. */
function groupsAtEnd({ topics, groups }: Sample): boolean {
  const end = topics.find(({ topic }) => topic === 'orders')?.destination ?? null
  return end !== null && groups.every(({ destination }) => destination === end)
}

async function makeTopics(source: Cluster): Promise<void> {
  for (const outcome of await createTopics(source, shopTopics)) unwrap(outcome)
}
