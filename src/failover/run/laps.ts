import type { Clock } from '../../base/clock.ts'

/** Once a lap takes no longer than this the rest may be brought over while writers are held. */
export const NEAR_MS = 2_000
const LOOK_EVERY_MS = 50
/** A link that brings nothing for this long does not run, whatever it is to do. */
const STALLED_MS = 60_000

/** What is missing of what was there when a lap began. */
export type Behind = {
  readonly offsets: number
  /** The partition that lacks the most. */
  readonly worst: string | null
}

/** Notes where the source ends now; what it gives looks how much of that is missing. */
export type StartLap = () => Promise<() => Promise<Behind>>

export type LapOptions = {
  /** One that nobody can set. */
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly limitMs: number
  readonly onBehind: (behind: Behind) => Promise<void>
}

/** `near`: the last lap took `tookMs`, and so would the rest. Else what the lap that was given up still lacked. */
export type Approach =
  | { readonly end: 'near'; readonly tookMs: number }
  | { readonly end: 'stalled' | 'too late'; readonly behind: Behind; readonly afterMs: number }

/**
 * Lets a link come near while its source is written to. A lap lasts until everything has arrived that was there when it
 * began: so long would writers wait if they were held now. Laps get shorter for as long as the link is the faster one.
 * @throws the reason of the signal
 */
export async function comeNear(startLap: StartLap, options: LapOptions): Promise<Approach> {
  const { clock, limitMs } = options
  const beganAt = clock.now()
  for (;;) {
    const startedAt = clock.now()
    const given = await lap(await startLap(), options, beganAt + limitMs)
    const now = clock.now()
    if (given !== null) return { ...given, afterMs: now - beganAt }
    if (now - startedAt <= NEAR_MS) return { end: 'near', tookMs: now - startedAt }
  }
}

/** Null once nothing of the lap is missing. */
async function lap(
  look: () => Promise<Behind>,
  { clock, signal, onBehind }: LapOptions,
  endsAt: number,
): Promise<{ readonly end: 'stalled' | 'too late'; readonly behind: Behind } | null> {
  let [best, movedAt] = [Number.POSITIVE_INFINITY, clock.now()]
  for (;;) {
    const behind = await look()
    if (behind.offsets === 0) return null
    const now = clock.now()
    if (behind.offsets < best) [best, movedAt] = [behind.offsets, now]
    if (now >= endsAt) return { end: 'too late', behind }
    if (now - movedAt > STALLED_MS) return { end: 'stalled', behind }
    await onBehind(behind)
    signal.throwIfAborted()
    await clock.sleep(LOOK_EVERY_MS, signal)
  }
}
