import { Cluster } from '../../src/client/cluster.ts'
import { openArena } from '../link/arena.ts'
import { makeContent } from '../link/content.ts'
import { usageOf } from '../link/meter.ts'
import { machine } from '../link/run.ts'
import { quickShapes, shapes } from '../link/shapes.ts'
import { GatewayProcess } from './gateway-process.ts'
import { type IdleConnections, idleConnections } from './idle-connections.ts'
import { type Passage, passAll, type Scene, sidesOf, topicFor } from './passages.ts'
import { type BothWays, oneByOne, steadyLoad } from './single-records.ts'

export type GatewayBenchOptions = {
  readonly quick: boolean
  readonly rounds: number
  readonly basePort: number
  readonly signal: AbortSignal
  readonly note: (text: string) => void
}

export type GatewayReport = {
  readonly startedAt: string
  readonly machine: ReturnType<typeof machine>
  readonly quick: boolean
  readonly rounds: number
  readonly passages: readonly Passage[]
  readonly oneByOne: BothWays
  readonly steadyLoad: BothWays
  readonly idle: IdleConnections
  /** The most that the gateway held while all but the idle connections went through it. */
  readonly peakRssBytes: number
}

const SHAPE = 'p1k'
const GATEWAY_PORT = 50
const CONNECTIONS = 1_000
const sizes = {
  full: { javaRecords: 500_000, oneByOne: 4_000, steadyMs: 20_000 },
  quick: { javaRecords: 200_000, oneByOne: 1_500, steadyMs: 8_000 },
} as const

/** Runs everything against one broker of its own; whatever happens, nothing of it is left behind. */
export async function runGatewayBench(options: GatewayBenchOptions): Promise<GatewayReport> {
  const { note, basePort, signal, rounds, quick } = options
  const size = quick ? sizes.quick : sizes.full
  const content = makeContent((quick ? quickShapes : shapes).find(({ name }) => name === SHAPE)!)
  note('starting a cluster and a gateway')
  const arena = await openArena(basePort, ['source'])
  await using stack = new AsyncDisposableStack()
  stack.defer(() => arena.close())
  const cluster = { ...arena.source.config, name: 'source' }
  const gateway = await GatewayProcess.start({ cluster, port: basePort + GATEWAY_PORT })
  stack.defer(() => gateway.stop())
  const through = await Cluster.connect(gateway.config)
  stack.defer(() => through.close())
  const scene = { arena, gateway, through, content, javaRecords: size.javaRecords, signal, note }

  note('warming up')
  await passAll({ ...scene, note: () => {} }, 0)
  const passages: Passage[] = []
  for (let round = 1; round <= rounds; round++) passages.push(...(await passAll(scene, round)))
  const singles = await singleRecords(scene, size)
  const { peakRssBytes } = usageOf(gateway.pid)
  note(`${CONNECTIONS} connections that do nothing`)
  const fresh = await GatewayProcess.start({ cluster, port: basePort + GATEWAY_PORT + 1 })
  stack.defer(() => fresh.stop())
  const idle = await idleConnections(fresh, CONNECTIONS)
  const startedAt = new Date().toISOString()
  return { startedAt, machine: machine(), quick, rounds, passages, ...singles, idle, peakRssBytes }
}

async function singleRecords(scene: Scene, size: { oneByOne: number; steadyMs: number }) {
  const topic = 'single'
  await topicFor(scene, topic)
  scene.note('one record at a time')
  const alone = await oneByOne(sidesOf(scene), topic, size.oneByOne)
  scene.signal.throwIfAborted()
  scene.note('a steady load')
  return { oneByOne: alone, steadyLoad: await steadyLoad(sidesOf(scene), topic, size.steadyMs) }
}
