import { setTimeout as sleep } from 'node:timers/promises'
import type { Arena } from './arena.ts'
import { startIdleCpu, usageOf } from './meter.ts'

/** What everything costs while nothing happens, as shares of one core. `null`: there is no mirror. */
export type IdleResult = {
  readonly mirrorCpuShare: number | null
  readonly sourceCpuShare: number
  readonly destinationCpuShare: number
  readonly rssBytes: number | null
}

const SETTLE_MS = 3_000

export async function measureIdle(
  { source, destination }: Arena,
  mirrorPid: number | null,
  forMs: number,
  signal: AbortSignal,
): Promise<IdleResult> {
  await sleep(SETTLE_MS, undefined, { signal })
  const startedAt = performance.now()
  const mirror = mirrorPid === null ? null : startIdleCpu(mirrorPid)
  const [there, here] = [startIdleCpu(source.pid), startIdleCpu(destination.pid)]
  await sleep(forMs, undefined, { signal })
  const seconds = (performance.now() - startedAt) / 1000
  return {
    mirrorCpuShare: mirror === null ? null : mirror() / seconds,
    sourceCpuShare: there() / seconds,
    destinationCpuShare: here() / seconds,
    rssBytes: mirrorPid === null ? null : usageOf(mirrorPid).rssBytes,
  }
}
