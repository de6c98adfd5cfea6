import { systemClock } from '../../base/clock.ts'
import { createTopics } from '../../client/admin/create-topics.ts'
import type { Cluster } from '../../client/cluster.ts'
import type { ClusterConfig } from '../../client/config.ts'
import { listOffsets } from '../../client/list-offsets.ts'
import { unwrap } from '../../client/outcome.ts'
import type { Supervisor } from '../../fleet/run/supervisor.ts'
import type { LinkSpec } from '../../link/spec.ts'
import type { VerifyReport } from '../../link/verify/report.ts'
import { verifyLink } from '../../link/verify/verify.ts'
import { groupDigits } from '../terminal/table.ts'
import { formatDuration } from '../terminal/units.ts'
import { auditedTopics, auditMirrors, type Since } from './audit.ts'
import { DEMO_LINK } from './demo-fleet.ts'
import type { DemoScreen } from './demo-screen.ts'
import { type Frame, frameOf } from './frame.ts'
import { type Audit, type AuditedTopic, Ledger } from './ledger.ts'
import { Rates } from './rates.ts'
import { startReader } from './shop-reader.ts'
import { ShopWriter, shopTopics } from './shop-writer.ts'
import { type Sample, Sides } from './sides.ts'

export type StoryOptions = {
  readonly supervisor: Supervisor
  readonly source: ClusterConfig
  readonly destination: ClusterConfig
  readonly spec: LinkSpec
  readonly screen: DemoScreen
  /** Unique among runs; begins every id of this run. */
  readonly run: string
  readonly durationMs: number | null
  /** Fires when the story shall come to its end: the shop closes, all is verified. */
  readonly finish: AbortSignal
  /** Fires when everything is being torn down: nothing more can be shown. */
  readonly end: AbortSignal
}

/** What came of the demo. */
export type StoryResult = {
  readonly verified: VerifyReport
  readonly audits: Record<AuditedTopic, Audit>
  readonly counts: Ledger['counts']
  readonly group: Sample['group']
  readonly kills: number
}

const DEMO_GROUP = 'shipping'
const LOOK_EVERY_MS = 500
/** The kill comes when there is something to lose, and early enough to see what follows. */
const KILL_AT_MS = 10_000
const KILL_AT_SHARE = 0.4
const CATCH_UP_MS = 30_000

/** The demo from the first record to the verdict. What it starts has ended when it returns or throws. */
export async function tellStory(options: StoryOptions): Promise<StoryResult> {
  const { source, destination, screen, run, end } = options
  const sides = await Sides.connect(source, destination)
  const ledger = new Ledger()
  const broken = new AbortController()
  const writer = new ShopWriter(source, { run, ledger })
  const reader = startReader(sides.source, DEMO_GROUP, end)
  const teller = new Teller(options, sides, ledger)
  try {
    await makeTopics(sides.source)
    const since = await endsOf(sides.destination, end)
    writer.start((error) => broken.abort(error))
    screen.good(
      'a small shop writes orders, payments and stock in seoul; the group shipping reads the orders',
    )
    await teller.live(AbortSignal.any([options.finish, end, broken.signal]))
    if (broken.signal.aborted) throw broken.signal.reason
    end.throwIfAborted()
    screen.note('the shop closes; what is on its way arrives')
    await writer.close()
    return await teller.conclude(since, async () => await reader.close())
  } finally {
    screen.clear()
    // What goes wrong in closing has been told by then; without brokers nobody waits for it.
    const closing = Promise.allSettled([writer.close(), reader.close(), sides.close()])
    if (!end.aborted) await closing
  }
}

/** Shows both sides while the shop works, kills the worker once, and judges at the end. */
class Teller {
  readonly #options: StoryOptions
  readonly #sides: Sides
  readonly #ledger: Ledger
  readonly #rates = new Rates()
  readonly #startedAt = Date.now()
  #kills = 0
  #frame: Frame | null = null

  constructor(options: StoryOptions, sides: Sides, ledger: Ledger) {
    this.#options = options
    this.#sides = sides
    this.#ledger = ledger
  }

  /** Until the signal fires or the time is over. */
  async live(signal: AbortSignal): Promise<void> {
    const { durationMs } = this.#options
    const killAt = Math.min(KILL_AT_MS, (durationMs ?? Number.POSITIVE_INFINITY) * KILL_AT_SHARE)
    const before = await this.#look()
    let mirroredAt: number | null = null
    let killing: Promise<void> | null = null
    while (!signal.aborted && (durationMs === null || this.#elapsedMs < durationMs)) {
      const sample = await this.#look()
      if (mirroredAt === null && hasMirrored(before, sample)) {
        mirroredAt = this.#elapsedMs
        this.#options.screen.good(`the first of them stand in virginia after ${formatDuration(mirroredAt)}`)
      }
      if (killing === null && mirroredAt !== null && this.#elapsedMs >= killAt) killing = this.#kill(signal)
      await systemClock.sleep(LOOK_EVERY_MS, signal)
    }
    await killing
  }

  /** Kills the worker as the kernel would when memory runs out, and tells what follows. */
  async #kill(signal: AbortSignal): Promise<void> {
    const { supervisor, screen } = this.#options
    const runner = supervisor.link(DEMO_LINK)
    const pid = runner?.worker.pid ?? null
    if (runner === null || pid === null) return
    const at = Date.now()
    runner.kill('SIGKILL')
    this.#kills += 1
    screen.blow(`the link's worker is killed with kill -9 (process ${pid}), while the shop goes on writing`)
    const isBack = () => runner.worker.pid !== null && runner.worker.pid !== pid
    if (!(await this.#until(isBack, signal))) return
    const away = formatDuration(Date.now() - at)
    screen.good(`worker started again as process ${runner.worker.pid} after ${away}`)
    // A status of the new worker, not the last one of the old.
    const caughtUp = () => {
      const lag = runner.status?.lag
      return (
        lag !== undefined &&
        lag.at > at &&
        isBack() &&
        lag.records !== null &&
        lag.seconds !== null &&
        lag.seconds < 1
      )
    }
    if (!(await this.#until(caughtUp, signal))) return
    screen.good(
      `caught up ${formatDuration(Date.now() - at)} after the kill; it read its position from virginia's own logs`,
    )
  }

  /** Lets everything arrive, then compares: record by record, promise by promise, position by position. */
  async conclude(since: Since, closeReader: () => Promise<void>): Promise<StoryResult> {
    const { screen, spec, run, end } = this.#options
    await this.#until(() => this.#allArrived(), end)
    await closeReader()
    await this.#until(() => this.#groupArrived(), end)
    screen.keep(this.#frame)
    screen.progress('comparing both sides record by record')
    const verified = await verifyLink(spec, { signal: end })
    const scope = { run, since, signal: end }
    const audits = await auditMirrors(this.#sides.destination, this.#ledger, scope)
    const { group } = await this.#sample()
    return { verified, audits, counts: this.#ledger.counts, group, kills: this.#kills }
  }

  #allArrived(): boolean {
    const topics = this.#frame?.rows.filter(({ what }) => shopTopics.some(({ name }) => name === what)) ?? []
    return (
      topics.length > 0 &&
      topics.every(({ source, destination }) => source !== null && source === destination)
    )
  }

  #groupArrived(): boolean {
    const group = this.#frame?.rows.find(({ what }) => what.startsWith('group '))
    return group !== undefined && group.source !== null && group.source === group.destination
  }

  /** Looks on until something is so; false when time or the signal came first. */
  async #until(isSo: () => boolean, signal: AbortSignal): Promise<boolean> {
    const until = Date.now() + CATCH_UP_MS
    while (!signal.aborted && Date.now() < until) {
      await this.#look()
      if (isSo()) return true
      await systemClock.sleep(LOOK_EVERY_MS / 2, signal)
    }
    return isSo()
  }

  async #look(): Promise<Sample> {
    const { supervisor, durationMs, screen } = this.#options
    const sample = await this.#sample()
    this.#rates.note(sample)
    const link = supervisor.status().links.find(({ name }) => name === DEMO_LINK) ?? null
    const state = { link, elapsedMs: this.#elapsedMs, durationMs, group: DEMO_GROUP }
    this.#frame = frameOf(sample, this.#rates, state)
    screen.frame(this.#frame)
    return sample
  }

  #sample(): Promise<Sample> {
    return this.#sides.sample(shopTopics, DEMO_GROUP)
  }

  get #elapsedMs(): number {
    return Date.now() - this.#startedAt
  }
}

/** Whether every topic has gained something on the destination since the first look. */
function hasMirrored(before: Sample, now: Sample): boolean {
  return now.topics.every(
    ({ destination }, index) => (destination ?? 0) > (before.topics[index]?.destination ?? 0),
  )
}

/** Makes what the shop writes to, where an earlier run has not made it already. */
async function makeTopics(source: Cluster): Promise<void> {
  const names = shopTopics.map(({ name }) => name)
  await source.refresh(names)
  const missing = shopTopics.filter(({ name }) => source.metadata.topic(name) === undefined)
  for (const outcome of await createTopics(source, missing)) unwrap(outcome)
}

async function endsOf(destination: Cluster, signal: AbortSignal): Promise<Since> {
  await destination.refresh([...auditedTopics])
  const known = auditedTopics.flatMap((topic) => {
    const metadata = destination.metadata.topic(topic)
    return (metadata?.partitions ?? []).map(({ partition }) => ({ topic, partition, at: 'end' as const }))
  })
  const answers = await listOffsets(destination, known, { signal })
  const since = new Map<string, number[]>()
  for (const [index, { topic, partition }] of known.entries()) {
    const ends = since.get(topic) ?? []
    ends[partition] = unwrap(answers[index]!).offset
    since.set(topic, ends)
  }
  return since
}

/** The verdict in sentences, and whether all of it is good. */
export function verdicts({ audits, counts, group, kills }: StoryResult): { good: boolean; text: string }[] {
  const audited = auditedTopics.map((topic) => {
    const { acknowledged, found, lost, repeated, invented } = audits[topic]
    const good = lost.length + repeated.length + invented.length === 0 && found === acknowledged
    const bad = `${lost.length} lost, ${repeated.length} repeated, ${invented.length} invented`
    const text = `${groupDigits(acknowledged)} ${topic} acknowledged in seoul, ${groupDigits(found)} found in virginia`
    return { good, text: `${text}: ${good ? 'each exactly once' : bad}` }
  })
  const aborted = `${groupDigits(counts.aborted)} payments in transactions that were given up show on neither side`
  const inStep = group.source !== null && group.source === group.destination
  const position = `group ${DEMO_GROUP} stands at ${group.source === null ? '-' : groupDigits(group.source)} in seoul`
  const other = group.destination === null ? 'nowhere' : `at ${groupDigits(group.destination)}`
  return [
    ...audited,
    ...(counts.aborted > 0 ? [{ good: audits.payments.invented.length === 0, text: aborted }] : []),
    { good: inStep, text: `${position} and ${other} in virginia` },
    ...(kills > 0
      ? []
      : [{ good: true, text: 'the worker was not killed this time: the run was too short' }]),
  ]
}
