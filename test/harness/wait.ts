import { setTimeout as sleep } from 'node:timers/promises'

/** For what comes soon on a machine with nothing else to do: a loaded one takes many times as long. */
export const PATIENCE_MS = 120_000

export type WaitOptions = {
  readonly withinMs: number
  readonly everyMs?: number
  /** What to show when time is over, or a promise of it; called once, at the end. */
  readonly lastSeen?: () => unknown
}

/**
 * Looks again and again until `look` gives something else than false, null or undefined, and gives that. An error of
 * `look` counts as "not yet". @throws Error that says what was awaited and what was seen last.
 */
export async function waitUntil<T>(
  what: string,
  look: () => Promise<T | false | null | undefined> | T | false | null | undefined,
  { withinMs, everyMs = 100, lastSeen }: WaitOptions,
): Promise<T> {
  const startedAt = Date.now()
  let failure: unknown
  for (;;) {
    try {
      const found = await look()
      if (found !== false && found !== null && found !== undefined) return found
      failure = undefined
    } catch (error) {
      failure = error
    }
    if (Date.now() - startedAt > withinMs) {
      const shown = lastSeen && JSON.stringify(await Promise.try(lastSeen).catch(String))
      const seen = shown === undefined ? '' : `; last seen: ${shown}`
      throw new Error(`${what}: not within ${withinMs} ms${seen}`, { cause: failure })
    }
    await sleep(everyMs)
  }
}
