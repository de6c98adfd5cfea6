import type { Cluster } from '../../src/client/cluster.ts'
import { type Arena, dropTopic, makeTopic, type Side } from '../link/arena.ts'
import type { Content } from '../link/content.ts'
import { readAlone, writeAlone } from '../link/limits.ts'
import { usageOf } from '../link/meter.ts'
import type { GatewayProcess } from './gateway-process.ts'
import { javaConsume, javaProduce } from './java-tools.ts'
import type { Sides, Way } from './single-records.ts'

/** What is moved: ready batches by this process, which costs next to nothing, and records by Kafka's own tools. */
export const loads = ['write', 'read', 'java-produce', 'java-consume'] as const
export type Load = (typeof loads)[number]

/** One load one way, straight to the broker or through the gateway. */
export type Passage = {
  readonly load: Load
  readonly way: Way
  readonly round: number
  readonly seconds: number
  readonly bytes: number
  /** CPU seconds of the gateway; 0 without one. */
  readonly gatewayCpuSeconds: number
  readonly brokerCpuSeconds: number
}

export type Scene = {
  readonly arena: Arena
  readonly gateway: GatewayProcess
  /** A client that came in by the gateway. */
  readonly through: Cluster
  readonly content: Content
  readonly javaRecords: number
  readonly signal: AbortSignal
  readonly note: (text: string) => void
}

const WRITERS = 4
const MIB = 2 ** 20
const ways = ['direct', 'gateway'] as const

/** The broker both ways. Through the gateway it has the id of its slot, and topics have other ids. */
export function sidesOf({ arena, through }: Scene): Sides {
  const node = through.metadata.brokers[0]!.nodeId
  return { direct: arena.source, gateway: { ...arena.source, cluster: through, node } }
}

/** All loads, both ways. Every second round goes backwards, so that nobody always has the warmer machine. */
export async function passAll(scene: Scene, round: number): Promise<Passage[]> {
  const found: Passage[] = []
  for (const way of round % 2 === 1 ? ways : ways.toReversed()) {
    for (const [write, read] of [
      ['write', 'read'],
      ['java-produce', 'java-consume'],
    ] as const) {
      scene.signal.throwIfAborted()
      const topic = `${write}-${way}-${round}`
      await topicFor(scene, topic)
      found.push(await passage(scene, { load: write, way, round }, topic))
      found.push(await passage(scene, { load: read, way, round }, topic))
      await dropTopic(scene.arena.source, topic)
    }
  }
  return found
}

export async function topicFor(scene: Scene, name: string): Promise<void> {
  await makeTopic(scene.arena.source, name)
  await scene.through.refresh([name])
}

type What = Pick<Passage, 'load' | 'way' | 'round'>

async function passage(scene: Scene, what: What, topic: string): Promise<Passage> {
  const { gateway, arena, note } = scene
  const before = [usageOf(gateway.pid).cpuSeconds, usageOf(arena.source.pid).cpuSeconds] as const
  const { seconds, bytes } = await carry(scene, what, topic)
  const gatewayCpuSeconds = what.way === 'direct' ? 0 : usageOf(gateway.pid).cpuSeconds - before[0]
  const brokerCpuSeconds = usageOf(arena.source.pid).cpuSeconds - before[1]
  note(`round ${what.round}: ${what.load}, ${what.way}: ${Math.round(bytes / MIB / seconds)} MiB/s`)
  return { ...what, seconds, bytes, gatewayCpuSeconds, brokerCpuSeconds }
}

async function carry(scene: Scene, { load, way }: What, topic: string) {
  const side: Side = sidesOf(scene)[way]
  const { content, javaRecords, arena, gateway } = scene
  const bootstrap = (way === 'direct' ? arena.source.config : gateway.config).bootstrap[0]!
  if (load === 'write') return await writeAlone(side, topic, content, WRITERS)
  if (load === 'read') return await readAlone(side, topic, content)
  return await (load === 'java-produce' ? javaProduce : javaConsume)(bootstrap, topic, javaRecords)
}
