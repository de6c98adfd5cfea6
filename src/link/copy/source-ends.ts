import type { PartitionCopier } from '../copier/partition.ts'

/** Samples kept of one partition's growth while it lags. */
const SAMPLES_MAX = 256
const SAMPLE_EVERY_MS = 1_000

type Sample = { readonly at: number; readonly end: number }

type History = { samples: Sample[]; everyMs: number }

/** `at` is when it was last seen, `since` when the source was first seen to end there. */
type Latest = Sample & { readonly since: number }

/**
 * When the source's last stable offsets stood where: this gives lag in seconds without trusting record timestamps,
 * as the time since the source first held an offset that the mirror lacks.
 */
export class SourceEnds {
  readonly #histories = new Map<PartitionCopier, History>()
  readonly #latest = new Map<PartitionCopier, Latest>()

  note(copier: PartitionCopier, end: number, at: number): void {
    if (end < 0) return
    const known = this.#latest.get(copier)
    const since = known?.end === end ? known.since : at
    this.#latest.set(copier, { at, end, since })
    const history = this.#histories.get(copier) ?? { samples: [], everyMs: SAMPLE_EVERY_MS }
    this.#histories.set(copier, history)
    const { samples } = history
    const last = samples.at(-1)
    if (last !== undefined && (last.end === end || since - last.at < history.everyMs)) return
    samples.push({ at: since, end })
    // Of those that the mirror has passed one is enough: it tells that the source was seen before it held the next.
    const ahead = samples.findIndex((sample) => sample.end > (copier.confirmed ?? 0))
    samples.splice(0, Math.max(0, (ahead < 0 ? samples.length : ahead) - 1))
    if (samples.length <= 2) history.everyMs = SAMPLE_EVERY_MS
    if (samples.length > SAMPLES_MAX) thin(history)
  }

  forget(copier: PartitionCopier): void {
    this.#histories.delete(copier)
    this.#latest.delete(copier)
  }

  latest(copier: PartitionCopier): Latest | null {
    return this.#latest.get(copier) ?? null
  }

  /**
   * Milliseconds for which the source has held more than `position`; 0 when it does not, null when unknown.
   * A backlog that was there when the source was first seen is dated by `timestamp`, that of its oldest record.
   */
  behindMs(copier: PartitionCopier, position: number, timestamp: number | null, now: number): number | null {
    const latest = this.#latest.get(copier)
    if (latest === undefined) return null
    if (latest.end <= position) return 0
    const samples = this.#histories.get(copier)?.samples ?? []
    const first = samples.find((sample) => sample.end > position)
    if (first === undefined) return Math.max(0, now - latest.since)
    if (first !== samples[0]) return Math.max(0, now - first.at)
    if (timestamp === null || timestamp < 0) return null
    return Math.max(now - timestamp, now - first.at, 0)
  }
}

/** Every second one goes: the history reaches as far back as before, and is half as fine from here on. */
function thin(history: History): void {
  history.samples = history.samples.filter((_, index) => index % 2 === 0)
  history.everyMs *= 2
}
