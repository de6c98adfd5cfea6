import { setTimeout as delay } from 'node:timers/promises'

/** What came of one candidate of a race that nobody won. */
export type Loss<C> = { readonly candidate: C; readonly error: unknown }

type RaceOptions<C, T> = {
  readonly candidates: readonly C[]
  /** Must give up soon when the signal fires: another candidate has won. */
  readonly attempt: (candidate: C, signal: AbortSignal) => Promise<T>
  /** Puts away a result that came after another had won. */
  readonly discard: (result: T) => void
  readonly staggerMs: number
}

/**
 * Tries candidates in order; the next begins when the last one failed or has not answered after `staggerMs` (as RFC
 * 8305 does with addresses). The first to succeed wins and the others are given up, so one dead address costs
 * little. Returns the losses when all fail.
 */
export async function staggeredRace<C, T>(
  options: RaceOptions<C, T>,
): Promise<{ readonly won: T } | { readonly losses: readonly Loss<C>[] }> {
  const { candidates, attempt, discard, staggerMs } = options
  const giveUp = new AbortController()
  const winner = Promise.withResolvers<T>()
  const losses: Loss<C>[] = []
  let isWon = false
  const run = async (candidate: C): Promise<void> => {
    try {
      const result = await attempt(candidate, giveUp.signal)
      if (isWon) discard(result)
      isWon = true
      winner.resolve(result)
    } catch (error) {
      losses.push({ candidate, error })
    }
  }
  const runs: Promise<void>[] = []
  for (const candidate of candidates) {
    if (isWon) break
    const own = run(candidate)
    runs.push(own)
    await Promise.race([own, winner.promise, delay(staggerMs, undefined, { signal: giveUp.signal })])
  }
  const all = Promise.all(runs).then(() => null)
  const first = await Promise.race([winner.promise.then((won) => ({ won })), all])
  giveUp.abort()
  return first ?? { losses }
}
