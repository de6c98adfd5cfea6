import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** What a process has used since it began. Memory is what it holds in RAM (resident set). */
export type Usage = { readonly cpuSeconds: number; readonly rssBytes: number; readonly peakRssBytes: number }

/** Linux counts CPU in clock ticks of this length for every program (proc(5), USER_HZ). */
const TICK_SECONDS = 0.01
const KIB = 1024

/** The usage of a process: from /proc on Linux, from ps elsewhere, where the peak is not known but sampled. */
export function usageOf(pid: number): Usage {
  if (process.platform !== 'linux') return usageByPs(pid)
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  // The name in parentheses may hold blanks; utime and stime are the 14th and 15th field.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const status = readFileSync(`/proc/${pid}/status`, 'latin1')
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) * TICK_SECONDS,
    rssBytes: statusBytes(status, 'VmRSS'),
    peakRssBytes: statusBytes(status, 'VmHWM'),
  }
}

function statusBytes(status: string, name: string): number {
  return Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? Number.NaN) * KIB
}

function usageByPs(pid: number): Usage {
  const line = execFileSync('ps', ['-o', 'time=,rss=', '-p', String(pid)], { encoding: 'utf8' }).trim()
  const [time = '0', rss = '0'] = line.split(/\s+/)
  const cpuSeconds = time.split(/[:-]/).reduce((sum, part) => sum * 60 + Number(part), 0)
  const rssBytes = Number(rss) * KIB
  return { cpuSeconds, rssBytes, peakRssBytes: rssBytes }
}

/**
 * CPU that a nearly idle process uses, finer than ticks: the scheduler's own count of each thread in nanoseconds, where
 * the kernel gives it. What a thread used that ended meanwhile is not seen.
 */
export function startIdleCpu(pid: number): () => number {
  const before = threadSeconds(pid)
  if (before === null) {
    const from = usageOf(pid).cpuSeconds
    return () => usageOf(pid).cpuSeconds - from
  }
  return () => {
    let seconds = 0
    for (const [thread, used] of threadSeconds(pid) ?? []) seconds += used - (before.get(thread) ?? 0)
    return seconds
  }
}

function threadSeconds(pid: number): Map<string, number> | null {
  if (process.platform !== 'linux') return null
  const found = new Map<string, number>()
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const text = readIfThere(`/proc/${pid}/task/${thread}/schedstat`)
    if (text !== null) found.set(thread, Number(text.split(' ')[0]) / 1e9)
  }
  return found.size === 0 ? null : found
}

/** A thread may end between the list and the look. */
function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return null
  }
}
