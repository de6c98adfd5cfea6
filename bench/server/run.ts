import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openArena } from '../link/arena.ts'
import { usageOf } from '../link/meter.ts'
import { machine } from '../link/run.ts'
import { asksOf, LARGE, OTHER, SMALL } from './asks.ts'
import { type Answered, callAll } from './callers.ts'
import { type Contents, fill } from './fill.ts'
import { ServeProcess } from './serve-process.ts'

export type ServerBenchOptions = {
  readonly quick: boolean
  readonly callers: number
  /** Brokers listen from here on. */
  readonly basePort: number
  readonly signal: AbortSignal
  readonly note: (text: string) => void
}

/** One way of asking. */
export type Part = {
  readonly title: string
  readonly seconds: number
  readonly requests: number
  readonly serverCpuSeconds: number
  readonly answers: readonly Answered[]
}

export type ServerReport = {
  readonly startedAt: string
  readonly machine: ReturnType<typeof machine>
  readonly contents: Contents
  readonly callers: number
  /** From the first look at the clusters until the lists held everything. */
  readonly firstLookMs: number
  readonly idleRssBytes: number
  readonly idleCpuShare: number
  readonly peakRssBytes: number
  readonly parts: readonly Part[]
}

const PORTS = { [LARGE]: 0, [SMALL]: 20, [OTHER]: 40, server: 60 } as const
const sizes = {
  full: { contents: { topics: 10_000, groups: 1_000 }, partMs: 20_000, idleMs: 30_000 },
  quick: { contents: { topics: 1_000, groups: 100 }, partMs: 5_000, idleMs: 5_000 },
} as const
/** Of a person who looks from one thing to the next, and of the console's own questions. */
const PERSON_PAUSE_MS = 1_000
const SEEN_WITHIN_MS = 180_000
/** Connections are made, and V8 compiles. */
const WARM_UP_MS = 5_000
/** Until a cluster that does not answer is known for it. */
const NOTICED_MS = 30_000

type Counted = { readonly total: number }

/** Three clusters, one of them large, and callers of every kind; whatever happens, nothing is left behind. */
export async function runServerBench(options: ServerBenchOptions): Promise<ServerReport> {
  const { quick, callers, note, signal } = options
  const { contents, partMs, idleMs } = quick ? sizes.quick : sizes.full
  await using stage = await setUp(options, contents)
  const { server, other, token, firstLookMs } = stage
  const idle = await measureIdle(server, idleMs, signal)

  const asks = asksOf(contents)
  const ask = (pauseMs: number, ms: number) =>
    callAll(asks, { url: server.url, token, count: callers, pauseMs, ms, signal })
  const measure = async (title: string, pauseMs: number): Promise<Part> => {
    note(title)
    const before = usageOf(server.pid).cpuSeconds
    const beganAt = performance.now()
    const answers = await ask(pauseMs, partMs)
    const seconds = (performance.now() - beganAt) / 1_000
    const requests = answers.reduce((sum, answer) => sum + answer.requests, 0)
    return { title, seconds, requests, answers, serverCpuSeconds: usageOf(server.pid).cpuSeconds - before }
  }
  note('warming up')
  await ask(PERSON_PAUSE_MS, WARM_UP_MS)
  const people = `${callers} callers with a second between two requests`
  const parts = [
    await measure(people, PERSON_PAUSE_MS),
    await measure(`${callers} callers without a pause`, 0),
  ]
  stage.hang(other.pid)
  await sleep(NOTICED_MS, undefined, { signal })
  parts.push(await measure(`${people}, one cluster hanging`, PERSON_PAUSE_MS))
  const { peakRssBytes } = usageOf(server.pid)
  const startedAt = new Date().toISOString()
  return { startedAt, machine: machine(), contents, callers, firstLookMs, ...idle, peakRssBytes, parts }
}

/** Clusters with all that is in them, and a server that has seen it. */
async function setUp({ note, basePort, signal }: ServerBenchOptions, contents: Contents) {
  await using stack = new AsyncDisposableStack()
  note('starting three clusters')
  const open = async (name: keyof typeof PORTS) => {
    const arena = await openArena(basePort + PORTS[name], [name])
    stack.defer(() => arena.close())
    return arena
  }
  const [large, small, other] = await Promise.all([open(LARGE), open(SMALL), open(OTHER)])
  note(`${contents.topics} topics and ${contents.groups} groups`)
  await fill(large.source, contents, signal)
  const little = { topics: contents.topics / 100, groups: contents.groups / 100 }
  for (const { source } of [small, other]) await fill(source, little, signal)

  const token = randomBytes(24).toString('base64url')
  const started = performance.now()
  const server = await ServeProcess.start({
    directory: join(large.directory, 'fleet'),
    clusters: { [LARGE]: large.source.config, [SMALL]: small.source.config, [OTHER]: other.source.config },
    port: basePort + PORTS.server,
    token,
  })
  stack.defer(() => server.stop())
  await awaitSeen(server, token, contents, signal)
  const firstLookMs = performance.now() - started
  const all = stack.move()
  const hang = (pid: number) => {
    process.kill(pid, 'SIGSTOP')
    all.defer(() => void process.kill(pid, 'SIGCONT'))
  }
  const end = () => all.disposeAsync()
  return { server, other: other.source, token, firstLookMs, hang, [Symbol.asyncDispose]: end }
}

async function awaitSeen(server: ServeProcess, token: string, wanted: Contents, signal: AbortSignal) {
  for (const startedAt = performance.now(); ; await sleep(250, undefined, { signal })) {
    const [topics, groups] = await Promise.all([
      server.read<Counted>(`/api/topics?cluster=${LARGE}&limit=1`, token),
      server.read<Counted>(`/api/groups?cluster=${LARGE}&limit=1`, token),
    ])
    if (topics.total >= wanted.topics && groups.total >= wanted.groups) return
    if (performance.now() - startedAt > SEEN_WITHIN_MS) {
      throw new Error(`only ${topics.total} topics and ${groups.total} groups were seen`)
    }
  }
}

async function measureIdle({ pid }: ServeProcess, ms: number, signal: AbortSignal) {
  const before = usageOf(pid).cpuSeconds
  await sleep(ms, undefined, { signal })
  const { rssBytes, cpuSeconds } = usageOf(pid)
  return { idleRssBytes: rssBytes, idleCpuShare: ((cpuSeconds - before) * 1_000) / ms }
}
