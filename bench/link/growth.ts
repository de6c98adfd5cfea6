import { setTimeout as sleep } from 'node:timers/promises'
import { LinkPacks } from '../../src/link/worker/packs.ts'
import { Codec } from '../../src/wire/compression/codec.ts'
import { type Arena, dropTopic, makeTopic, openArena, topicEnds } from './arena.ts'
import type { Mirroring } from './contender.ts'
import { startLink } from './exact-link.ts'
import { type Load, writeLoad } from './growth-load.ts'
import { startIdleCpu, usageOf } from './meter.ts'
import { type Shape, shapes } from './shapes.ts'
import { type LatencyResult, measureTrickle } from './trickle.ts'

/** One size of everything: so many links, each on a topic of its own with so many partitions. */
export type GrowthCase = {
  readonly name: string
  readonly links: number
  readonly partitions: number
  readonly shape: Shape
  readonly gapShare: number
}

/** CPU and memory are sums over the worker processes of all links. */
export type GrowthResult = {
  readonly growth: GrowthCase
  /** While nothing happens, a share of one core and resident bytes. */
  readonly idleCpuShare: number
  readonly idleRssBytes: number
  /** From the first record written to the last one mirrored, the second time that as much is copied. */
  readonly seconds: number
  readonly bytes: number
  readonly cpuSeconds: number
  readonly peakRssBytes: number
  /** A record every 10 ms through the first link. */
  readonly latency: LatencyResult
}

export type GrowthOptions = {
  readonly only: readonly string[]
  readonly mib: number
  readonly basePort: number
  readonly signal: AbortSignal
  readonly note: (text: string) => void
}

const MIB = 2 ** 20
const LOOK_MS = 200
const READY_WITHIN_MS = 120_000
const STALLED_AFTER_MS = 60_000
const SETTLE_MS = 4_000
const IDLE_MS = 5_000
const TRICKLE_MS = 4_000

const p1k = shapes.find(({ name }) => name === 'p1k')!
const plain = { links: 1, partitions: 8, shape: p1k, gapShare: 0 } as const
const one = (recordBytes: number, recordsPerBatch: number): Shape => {
  return { ...p1k, recordBytes, recordsPerBatch, codec: Codec.LZ4, compression: 'lz4' }
}

/** One thing grows at a time; everything else stays as in `8 partitions`. */
export const growthCases: readonly GrowthCase[] = [
  { ...plain, name: '1 partition', partitions: 1 },
  { ...plain, name: '8 partitions' },
  { ...plain, name: '100 partitions', partitions: 100 },
  { ...plain, name: '1000 partitions', partitions: 1_000 },
  { ...plain, name: '10 links', links: 10 },
  { ...plain, name: '50 links', links: 50 },
  { ...plain, name: '100 B', shape: one(100, 150) },
  { ...plain, name: '10 KiB', shape: one(10_240, 2) },
  { ...plain, name: '100 KiB', shape: one(102_400, 1) },
  { ...plain, name: '1 MiB', shape: one(1_048_576, 1) },
  { ...plain, name: '10 % gaps', gapShare: 0.1 },
  { ...plain, name: '30 % gaps', gapShare: 0.3 },
]

/** CPU seconds of all worker processes for each GiB that was written to the source. */
export function cpuPerGib({ cpuSeconds, bytes }: GrowthResult): number {
  return cpuSeconds / (bytes / 2 ** 30)
}

/** Runs the cases one after the other on two clusters of its own. */
export async function runGrowthBench(options: GrowthOptions): Promise<GrowthResult[]> {
  const { only, signal, note, basePort } = options
  const chosen = growthCases.filter(({ name }) => only.length === 0 || only.includes(name))
  note('starting two clusters')
  const arena = await openArena(basePort)
  const results: GrowthResult[] = []
  try {
    await warmUp(arena)
    for (const [index, growth] of chosen.entries()) {
      signal.throwIfAborted()
      const result = await measure(arena, growth, index, options)
      note(`${growth.name}: ${cpuPerGib(result).toFixed(2)} CPU s per GiB`)
      results.push(result)
    }
  } finally {
    await arena.close()
  }
  return results
}

async function measure(
  arena: Arena,
  growth: GrowthCase,
  index: number,
  { mib, signal }: GrowthOptions,
): Promise<GrowthResult> {
  const { links, partitions } = growth
  const topics = Array.from({ length: links }, (_, link) => `growth-${index}-${link}`)
  for (const topic of topics) await makeTopic(arena.source, topic, partitions)
  // As kmc runs them: several in a process.
  const packs = new LinkPacks()
  const spawn = packs.spawn.bind(packs)
  const mirrorings = topics.map((topic) => startLink(arena, topic, `to-${topic}`, spawn))
  const pids = new Set(mirrorings.map(({ pid }) => pid))
  try {
    await awaitOffsets(arena, mirrorings, partitions, 0, signal)
    await sleep(SETTLE_MS, undefined, { signal })
    const idle = [...pids].map(startIdleCpu)
    await sleep(IDLE_MS, undefined, { signal })
    const idleCpuShare = sum(idle.map((stop) => stop())) / (IDLE_MS / 1000)
    const idleRssBytes = sum([...pids].map((pid) => usageOf(pid).rssBytes))
    const load = loadOf(growth, topics, mib)
    // The first time V8 compiles, which would cost each GiB the more the less a link copies.
    await copy(arena, growth, mirrorings, load, signal)
    const copied = await copy(arena, growth, mirrorings, load, signal)
    const route = { from: arena.source, fromTopic: topics[0]!, to: arena.destination, partitions }
    const toTopic = mirrorings[0]!.mirror
    const latency = await measureTrickle({ ...route, toTopic }, TRICKLE_MS, signal)
    return { growth, idleCpuShare, idleRssBytes, ...copied, latency }
  } finally {
    await Promise.all(mirrorings.map((mirroring) => mirroring.stop()))
    for (const topic of topics) await dropTopic(arena.source, topic)
    for (const { mirror } of mirrorings) await dropTopic(arena.destination, mirror)
  }
}

/** Below this a worker spends most of its CPU on compiling. */
const LINK_MIB_MIN = 16

/** About `mib` of records before compression, in all. */
function loadOf({ links, partitions, shape, gapShare }: GrowthCase, topics: string[], mib: number): Load {
  const perBatch = shape.recordBytes * shape.recordsPerBatch
  const bytesPerLink = Math.max(mib / links, LINK_MIB_MIN) * MIB
  const batchesPerPartition = Math.max(1, Math.round(bytesPerLink / perBatch / partitions))
  return { topics, partitions, shape, batchesPerPartition, gapShare }
}

async function copy(
  arena: Arena,
  { partitions }: GrowthCase,
  mirrorings: readonly Mirroring[],
  load: Load,
  signal: AbortSignal,
) {
  const pids = [...new Set(mirrorings.map(({ pid }) => pid))]
  const before = sum(pids.map((pid) => usageOf(pid).cpuSeconds))
  const startedAt = performance.now()
  const bytes = await writeLoad(arena.source, load)
  const wanted = await offsetsOf(arena.source, load.topics, partitions)
  await awaitOffsets(arena, mirrorings, partitions, wanted!, signal)
  const seconds = (performance.now() - startedAt) / 1000
  const usages = pids.map(usageOf)
  const cpuSeconds = sum(usages.map((usage) => usage.cpuSeconds)) - before
  return { seconds, bytes, cpuSeconds, peakRssBytes: sum(usages.map((usage) => usage.peakRssBytes)) }
}

/** Waits until all mirrors are there and hold so many offsets together. */
async function awaitOffsets(
  arena: Arena,
  mirrorings: readonly Mirroring[],
  partitions: number,
  wanted: number,
  signal: AbortSignal,
): Promise<void> {
  const mirrors = mirrorings.map(({ mirror }) => mirror)
  let seen = { offsets: -1, at: performance.now() }
  for (;;) {
    signal.throwIfAborted()
    const offsets = await offsetsOf(arena.destination, mirrors, partitions)
    if (offsets !== null && offsets >= wanted) return
    // While mirrors are made a link may tell of a round that took too long; it goes on by itself.
    const reason = mirrorings.map(({ ended }) => ended()).find((ended) => ended !== null)
    if (reason !== undefined && seen.offsets >= 0) throw new Error(reason!)
    if (offsets !== null && offsets > seen.offsets) seen = { offsets, at: performance.now() }
    const patience = seen.offsets < 0 ? READY_WITHIN_MS : STALLED_AFTER_MS
    if (performance.now() - seen.at > patience)
      throw new Error(`${seen.offsets} of ${wanted} offsets, no more`)
    await sleep(LOOK_MS)
  }
}

/** Log ends added up; null while a topic is not there. */
async function offsetsOf(
  side: Arena['source'],
  topics: readonly string[],
  partitions: number,
): Promise<number | null> {
  let total = 0
  for (const topic of topics) {
    const ends = await topicEnds(side, topic, partitions)
    if (ends === null) return null
    total += sum(ends)
  }
  return total
}

/** Some data through both brokers, until they have compiled what they do most. */
async function warmUp(arena: Arena): Promise<void> {
  for (const side of [arena.source, arena.destination]) {
    await makeTopic(side, 'warm-up')
    const load = { topics: ['warm-up'], partitions: 8, shape: p1k, batchesPerPartition: 2_000, gapShare: 0.1 }
    await writeLoad(side, load)
    await dropTopic(side, 'warm-up')
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
