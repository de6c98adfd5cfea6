/** How a link worker ended; the exit codes are those of link/worker. */
export type WorkerExit = { readonly code: number | null; readonly signal: string | null }

/** What the policy remembers of one worker. */
export type RestartMemory = {
  /** Ends in a row after which the worker had not run long enough to be called healthy. */
  readonly quickEnds: number
}

/** What to do after an end. `why` is a stable word for status and logs. */
export type RestartDecision = {
  readonly memory: RestartMemory
  readonly action: 'restart' | 'rest'
  readonly delayMs: number
  readonly why: 'failed' | 'killed' | 'fenced' | 'done' | 'turned'
}

/** Exit code of a worker that another worker has fenced. */
export const FENCED_EXIT_CODE = 3
/** Exit code of a worker whose link runs the other way round from now on; the next one runs it that way. */
const TURNED_EXIT_CODE = 4

export const RESTART_DELAY_MIN_MS = 250
export const RESTART_DELAY_MAX_MS = 30_000
/** A fenced worker waits this long: coming back at once would only fence the other one, in turns, for ever. */
export const FENCED_DELAY_MS = 60_000
/** A worker that ran this long was healthy: its end counts as the first again. */
export const HEALTHY_AFTER_MS = 60_000

export const freshMemory: RestartMemory = { quickEnds: 0 }

/**
 * Decides what follows the end of a link worker that nobody asked to stop. Delays double from
 * RESTART_DELAY_MIN_MS to RESTART_DELAY_MAX_MS; `jitter` (0..1) takes up to a fifth off, so that the workers of
 * many links that die together do not come back together. Exit code 0 means the link was deleted: it rests.
 */
export function afterExit(
  memory: RestartMemory,
  exit: WorkerExit,
  ran: { readonly ms: number; readonly jitter: number },
): RestartDecision {
  if (exit.code === 0) return { memory: freshMemory, action: 'rest', delayMs: 0, why: 'done' }
  if (exit.code === FENCED_EXIT_CODE) {
    return { memory: freshMemory, action: 'restart', delayMs: FENCED_DELAY_MS, why: 'fenced' }
  }
  if (exit.code === TURNED_EXIT_CODE) {
    return { memory: freshMemory, action: 'restart', delayMs: 0, why: 'turned' }
  }
  const quickEnds = ran.ms >= HEALTHY_AFTER_MS ? 1 : memory.quickEnds + 1
  const doubled = RESTART_DELAY_MIN_MS * 2 ** Math.min(quickEnds - 1, 20)
  const delayMs = Math.round(Math.min(doubled, RESTART_DELAY_MAX_MS) * (1 - ran.jitter / 5))
  return {
    memory: { quickEnds },
    action: 'restart',
    delayMs,
    why: exit.signal === null ? 'failed' : 'killed',
  }
}
