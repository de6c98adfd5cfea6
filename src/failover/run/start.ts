import { randomUUID } from 'node:crypto'
import { systemClock } from '../../base/clock.ts'
import { KmcError } from '../../base/error.ts'
import type { Log } from '../../base/log.ts'
import { whoami } from '../../base/whoami.ts'
import { nowMs } from '../../client/clock.ts'
import { Cluster } from '../../client/cluster.ts'
import type { ClusterConfig } from '../../client/config.ts'
import { openSide } from '../../link/turn/side.ts'
import { openFenceBook } from '../fence/book.ts'
import { RouteLog } from '../state/log.ts'
import type { FailoverRecord } from '../state/records.ts'
import { firstRecord, RouteStore } from '../state/store.ts'
import { ABANDONED_MS, refuseBusy } from './busy.ts'
import type { Course } from './course.ts'
import { makeProbeTopic, Probe } from './probe.ts'
import { type RunEvent, Runner, type RunOptions } from './runner.ts'

const REQUEST_MS = 15_000
/** Clients wait while a run that has failed looks whether it can be taken back. */
const ANSWER_MS = 3_000
/** A route that does not let a client of our own in by then is moved all the same. */
const FIRST_PROBE_MS = 5_000
export const CATCH_UP_MS = 600_000

export type MoveOptions = {
  readonly course: Course
  /** Clusters by the course's names. */
  readonly configs: { readonly from: ClusterConfig; readonly to: ClusterConfig }
  /** The ways in which a client of our own enters the route, in turn; null where it cannot. */
  readonly front: readonly ClusterConfig[] | null
  readonly signal: AbortSignal
  readonly log: Log
  readonly onEvent: (event: RunEvent) => void
  readonly keepReceipt: RunOptions['keepReceipt']
  /** Who asks for it; default whoever runs this process. */
  readonly by?: { readonly user: string; readonly host: string } | undefined
  /** When it was asked for, by `nowMs`; default now. A client may have waited since then. */
  readonly askedAt?: number
  /** How long a run that nobody seems to work on is left alone; default ten seconds. */
  readonly abandonedMs?: number
  /** How long a link that is far behind may take to come near, while clients go on; default ten minutes. */
  readonly catchUpMs?: number
}

/**
 * Runs a failover or goes on with it. A switchover needs both clusters; a failover does not even try the one it leaves.
 * @throws FAILOVER_RUNNING, ROUTE_MOVED_ON, and what a step fails with
 */
export async function moveRoute(options: MoveOptions): Promise<FailoverRecord> {
  const { course, configs, front, signal, log } = options
  await using stack = new AsyncDisposableStack()
  const connect = async (config: ClusterConfig) => {
    return stack.use(await Cluster.connect({ ...config, requestTimeoutMs: REQUEST_MS }))
  }
  const to = await connect(configs.to)
  const from = course.kind === 'switchover' ? await connect(configs.from) : null
  const clusters = from === null ? [to] : [from, to]
  const [target, source] = [await openSide(to), from === null ? null : await openSide(from)]
  const logs = clusters.map((cluster) => new RouteLog(cluster))
  const store = new RouteStore(course.route, [course.from, course.to], logs)
  await store.refresh()
  await begin(store, logs, { name: course.from, clusterId: (from ?? to).clusterId })
  const book = await openFenceBook(course.route, clusters)
  const clock = systemClock
  const abandonedMs = options.abandonedMs ?? ABANDONED_MS
  // Before anything is started for it; who is first of two at once is decided by the claim.
  refuseBusy(store.failover(), clock.now(), abandonedMs)
  const probe = front === null ? null : await startProbe(front, clusters, store, options.askedAt ?? nowMs())
  if (probe !== null) stack.defer(async () => void (await probe.stop()))
  const by = options.by ?? whoami()
  const scene = {
    ...{ course, store, source, target, probe, book, clock, signal, log },
    catchUpMs: options.catchUpMs ?? CATCH_UP_MS,
    ...{ by, configs: { source: configs.from, target: configs.to } },
  }
  const runner = { ...by, id: randomUUID(), pid: process.pid }
  const { onEvent, keepReceipt } = options
  // A failover that is taken back needs nothing of the cluster that it did not even try.
  const isSourceThere = async () => from === null || (await answers(configs.from))
  const told = { onEvent, keepReceipt, isSourceThere }
  return await new Runner({ scene, runner, id: randomUUID(), abandonedMs, ...told }).run()
}

async function answers(config: ClusterConfig): Promise<boolean> {
  try {
    await using _cluster = await Cluster.connect(config, { timeoutMs: ANSWER_MS })
    return true
  } catch (error) {
    if (error instanceof KmcError) return false
    throw error
  }
}

/** A route that no gateway has served yet leads to where it is declared to. */
async function begin(
  store: RouteStore,
  logs: readonly RouteLog[],
  primary: { readonly name: string; readonly clusterId: string },
): Promise<void> {
  if (store.route() !== null) return
  const record = firstRecord(store.name, primary)
  for (const log of logs) await log.append({ kind: 'route', name: store.name, record })
  await store.refresh()
}

/** Before writes are held it has to be in, so that what it sees is what clients see. */
async function startProbe(
  front: readonly ClusterConfig[],
  clusters: readonly Cluster[],
  store: RouteStore,
  askedAt: number,
): Promise<Probe> {
  await Promise.all(clusters.map(makeProbeTopic))
  const probe = new Probe(front)
  const isServed = clusters.length > 1 && store.route()?.phase === 'open'
  probe.start(isServed ? null : askedAt)
  if (isServed) await probe.comesThrough(FIRST_PROBE_MS)
  return probe
}
