import { cpus, release, totalmem } from 'node:os'
import { type Arena, dropTopic, KAFKA_VERSION, makeTopic, openArena, topicEnds } from './arena.ts'
import type { Contender, ContenderName } from './contender.ts'
import { type Content, makeContent } from './content.ts'
import { awaitRecords, type CopyResult, measureCopy } from './copy-run.ts'
import { exactLink } from './exact-link.ts'
import { type IdleResult, measureIdle } from './idle.ts'
import { type LimitResult, readAlone, writeAlone } from './limits.ts'
import { mirrorMakerDefault, mirrorMakerTuned } from './mirror-maker.ts'
import { quickShapes, type Shape, shapes } from './shapes.ts'
import { type LatencyResult, measureTrickle } from './trickle.ts'

export type BenchOptions = {
  /** Smaller sets and times, and MirrorMaker 2 only as tuned. */
  readonly quick: boolean
  /** Names of shapes; none means all. */
  readonly only: readonly string[]
  readonly rounds: number
  /** Brokers listen from here on. */
  readonly basePort: number
  readonly signal: AbortSignal
  readonly note: (text: string) => void
}

export type LimitName = 'read-alone' | 'write-alone-1' | 'write-alone-4'

/** Everything measured on one set, one entry a round. */
export type ShapeReport = {
  readonly shape: Shape
  readonly records: number
  readonly bytes: number
  readonly limits: readonly { readonly name: LimitName; readonly result: LimitResult }[]
  readonly copies: readonly { readonly name: ContenderName; readonly result: CopyResult }[]
}

/** A contender with a trickle of records, and with none. `direct`: a reader of the source itself. */
export type CalmReport = {
  readonly name: ContenderName | 'direct'
  readonly latency: LatencyResult
  readonly idle: IdleResult
}

export type BenchReport = {
  readonly startedAt: string
  readonly machine: Readonly<Record<string, string | number>>
  readonly quick: boolean
  readonly rounds: number
  readonly shapes: readonly ShapeReport[]
  readonly calm: readonly CalmReport[]
}

const MIB = 1024 * 1024
/** Written before the first set, until the brokers have compiled what they do most; less before each further one. */
const WARM_UP_FIRST_BYTES = 1000 * MIB
const WARM_UP_BYTES = 200 * MIB
const LOAD_CONNECTIONS = 2
const TRICKLE_MS = 20_000
const IDLE_MS = 10_000
const FIRST_RECORD_WITHIN_MS = 60_000

/** Runs everything on two clusters of its own; whatever happens, nothing of it is left behind. */
export async function runLinkBench(options: BenchOptions): Promise<BenchReport> {
  const { quick, only, rounds, note, signal } = options
  const chosen = (quick ? quickShapes : shapes).filter(({ name }) => only.length === 0 || only.includes(name))
  note(`starting two clusters (Kafka ${KAFKA_VERSION})`)
  const arena = await openArena(options.basePort)
  try {
    const reports: ShapeReport[] = []
    for (const shape of chosen) {
      const warmUpBytes = reports.length === 0 ? WARM_UP_FIRST_BYTES : WARM_UP_BYTES
      reports.push(await benchShape(arena, shape, warmUpBytes, options))
    }
    signal.throwIfAborted()
    const calm = await benchCalm(arena, options)
    return { startedAt: new Date().toISOString(), machine: machine(), quick, rounds, shapes: reports, calm }
  } finally {
    await arena.close()
  }
}

async function benchShape(
  arena: Arena,
  shape: Shape,
  warmUpBytes: number,
  options: BenchOptions,
): Promise<ShapeReport> {
  const { note, signal, rounds, quick } = options
  const content = makeContent(shape)
  const { records, bytes } = content
  note(`${shape.name}: loading ${records} records, ${Math.round(bytes / MIB)} MiB`)
  await makeTopic(arena.source, shape.name)
  await writeAlone(arena.source, shape.name, content, LOAD_CONNECTIONS)
  await warmUp(arena, content, warmUpBytes)
  const contenders = [exactLink, mirrorMakerTuned, ...(quick ? [] : [mirrorMakerDefault])]
  const limits: ShapeReport['limits'][number][] = []
  const copies: ShapeReport['copies'][number][] = []
  for (let round = 1; round <= rounds; round++) {
    for (const name of ['read-alone', 'write-alone-1', 'write-alone-4'] as const) {
      signal.throwIfAborted()
      const result = await measureLimit(arena, content, name)
      note(`${shape.name} round ${round}: ${name} ${rateOf(result)}`)
      limits.push({ name, result })
    }
    // Every second round goes backwards, so that nobody always has the warmer or the fuller machine.
    for (const contender of round % 2 === 1 ? contenders : contenders.toReversed()) {
      signal.throwIfAborted()
      const run = `${contender.name}-${shape.name}-${round}`
      const result = await measureCopy(arena, contender, shape.name, content, { run, signal })
      note(`${shape.name} round ${round}: ${contender.name} ${rateOf(result)}`)
      copies.push({ name: contender.name, result })
    }
  }
  await dropTopic(arena.source, shape.name)
  return { shape, records, bytes, limits, copies }
}

/** Brokers compile their code while they work: the first bytes through a path are slow and say nothing. */
async function warmUp(arena: Arena, content: Content, bytes: number): Promise<void> {
  const batchesPerPartition = Math.ceil((content.batchesPerPartition * bytes) / content.bytes)
  const part = { ...content, batchesPerPartition }
  await makeTopic(arena.destination, 'warm-up')
  await writeAlone(arena.destination, 'warm-up', part, LOAD_CONNECTIONS)
  await dropTopic(arena.destination, 'warm-up')
  await readAlone(arena.source, content.shape.name, content)
}

async function measureLimit(arena: Arena, content: Content, name: LimitName): Promise<LimitResult> {
  if (name === 'read-alone') return readAlone(arena.source, content.shape.name, content)
  await makeTopic(arena.destination, name)
  const result = await writeAlone(arena.destination, name, content, name === 'write-alone-1' ? 1 : 4)
  await dropTopic(arena.destination, name)
  return result
}

/** Latency of a trickle and the cost of idling: without a mirror, then with each contender in its usual settings. */
async function benchCalm(arena: Arena, { quick, note, signal }: BenchOptions): Promise<CalmReport[]> {
  const [trickleMs, idleMs] = quick ? [TRICKLE_MS / 2, IDLE_MS / 2] : [TRICKLE_MS, IDLE_MS]
  const topic = 'trickle'
  await makeTopic(arena.source, topic)
  const from = { from: arena.source, fromTopic: topic }
  note('trickle: direct')
  const direct = await measureTrickle({ ...from, to: arena.source, toTopic: topic }, trickleMs, signal)
  const alone = await measureIdle(arena, null, idleMs, signal)
  const reports: CalmReport[] = [{ name: 'direct', latency: direct, idle: alone }]
  for (const contender of [exactLink, mirrorMakerDefault] satisfies Contender[]) {
    signal.throwIfAborted()
    note(`trickle: ${contender.name}`)
    const mirroring = await contender.start(arena, topic, `${contender.name}-trickle`, null)
    try {
      // It copies what was sent before; the trickle begins in step.
      const sent = (await topicEnds(arena.source, topic))!.reduce((sum, end) => sum + end, 0)
      await awaitRecords(arena, mirroring, sent, FIRST_RECORD_WITHIN_MS, signal)
      const route = { ...from, to: arena.destination, toTopic: mirroring.mirror }
      const latency = await measureTrickle(route, trickleMs, signal)
      const idle = await measureIdle(arena, mirroring.pid, idleMs, signal)
      reports.push({ name: contender.name, latency, idle })
    } finally {
      await mirroring.stop()
    }
  }
  return reports
}

function rateOf({ bytes, seconds }: { readonly bytes: number; readonly seconds: number }): string {
  return `${Math.round(bytes / MIB / seconds)} MiB/s`
}

/** What a figure was measured on. */
export function machine(): Readonly<Record<string, string | number>> {
  const list = cpus()
  const hardware = { cpu: list[0]?.model.trim() ?? '', cores: list.length, memoryBytes: totalmem() }
  const kernel = `${process.platform} ${release()}`
  return { ...hardware, kernel, node: process.version, kafka: KAFKA_VERSION }
}
