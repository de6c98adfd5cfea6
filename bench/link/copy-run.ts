import { setTimeout as sleep } from 'node:timers/promises'
import { type Arena, dropTopic, topicEnds } from './arena.ts'
import type { Contender, Mirroring } from './contender.ts'
import type { Content } from './content.ts'
import { usageOf } from './meter.ts'

/** One contender copying one set. CPU and rates are of the window: from the first records seen to the last. */
export type CopyResult = {
  readonly seconds: number
  readonly records: number
  /** Source wire bytes of these records. */
  readonly bytes: number
  /** Of the second half of the records: what is left once compilers are warm. */
  readonly lateBytesPerSecond: number
  readonly mirrorCpuSeconds: number
  readonly sourceCpuSeconds: number
  readonly destinationCpuSeconds: number
  readonly peakRssBytes: number
  /** From the start of the process to the first records, which the window leaves out. */
  readonly startSeconds: number
  readonly startCpuSeconds: number
}

const LOOK_BEFORE_MS = 50
const LOOK_MS = 20
const FIRST_RECORDS_WITHIN_MS = 90_000
const STALLED_AFTER_MS = 60_000

type Look = {
  readonly at: number
  readonly records: number
  readonly mirrorCpuSeconds: number
  readonly sourceCpuSeconds: number
  readonly destinationCpuSeconds: number
}

/** Lets a contender copy `topic` from its beginning and measures it until the mirror holds all of `content`. */
export async function measureCopy(
  arena: Arena,
  contender: Contender,
  topic: string,
  content: Content,
  options: { readonly run: string; readonly signal: AbortSignal },
): Promise<CopyResult> {
  const startedAt = performance.now()
  const mirroring = await contender.start(arena, topic, options.run, content.shape)
  try {
    const first = await awaitRecords(arena, mirroring, 1, FIRST_RECORDS_WITHIN_MS, options.signal)
    const middle = await awaitRecords(arena, mirroring, content.records / 2, STALLED_AFTER_MS, options.signal)
    const last = await awaitRecords(arena, mirroring, content.records, STALLED_AFTER_MS, options.signal)
    const bytesFrom = (look: Look) => (content.bytes * (last.records - look.records)) / content.records
    const { peakRssBytes } = usageOf(mirroring.pid)
    await mirroring.stop()
    await dropTopic(arena.destination, mirroring.mirror)
    return {
      seconds: (last.at - first.at) / 1000,
      records: last.records - first.records,
      bytes: bytesFrom(first),
      lateBytesPerSecond: (bytesFrom(middle) / (last.at - middle.at)) * 1000,
      mirrorCpuSeconds: last.mirrorCpuSeconds - first.mirrorCpuSeconds,
      sourceCpuSeconds: last.sourceCpuSeconds - first.sourceCpuSeconds,
      destinationCpuSeconds: last.destinationCpuSeconds - first.destinationCpuSeconds,
      peakRssBytes,
      startSeconds: (first.at - startedAt) / 1000,
      startCpuSeconds: first.mirrorCpuSeconds,
    }
  } finally {
    await mirroring.stop()
  }
}

/** Looks at the mirror's log ends until they add up to `wanted`; gives up when they stand still for too long. */
export async function awaitRecords(
  arena: Arena,
  mirroring: Mirroring,
  wanted: number,
  withinMs: number,
  signal: AbortSignal,
): Promise<Look> {
  let seen = { records: 0, at: performance.now() }
  for (;;) {
    signal.throwIfAborted()
    const reason = mirroring.ended()
    if (reason !== null) throw new Error(`${mirroring.mirror}: ${reason}`)
    const ends = await topicEnds(arena.destination, mirroring.mirror)
    const records = ends?.reduce((sum, end) => sum + end, 0) ?? 0
    if (records >= wanted) return lookAt(arena, mirroring, records)
    if (records > seen.records) seen = { records, at: performance.now() }
    if (performance.now() - seen.at > withinMs) {
      throw new Error(`${mirroring.mirror}: ${records} of ${wanted} records, and no more for ${withinMs} ms`)
    }
    await sleep(ends === null ? LOOK_BEFORE_MS : LOOK_MS)
  }
}

function lookAt({ source, destination }: Arena, mirroring: Mirroring, records: number): Look {
  return {
    at: performance.now(),
    records,
    mirrorCpuSeconds: usageOf(mirroring.pid).cpuSeconds,
    sourceCpuSeconds: usageOf(source.pid).cpuSeconds,
    destinationCpuSeconds: usageOf(destination.pid).cpuSeconds,
  }
}
