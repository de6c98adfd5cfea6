import type { PartitionCopier } from '../copier/partition.ts'

/** Samples kept of one partition's growth; at one a second this is four minutes of history. */
const SAMPLES_MAX = 256
const SAMPLE_EVERY_MS = 1_000

type Sample = { readonly at: number; readonly end: number }

/**
 * When the source's last stable offsets stood where: this gives lag in seconds without trusting record timestamps,
 * as the time since the source first held an offset that the mirror lacks.
 */
export class SourceEnds {
  readonly #samples = new Map<PartitionCopier, Sample[]>()
  readonly #latest = new Map<PartitionCopier, Sample>()

  note(copier: PartitionCopier, end: number, at: number): void {
    if (end < 0) return
    this.#latest.set(copier, { at, end })
    const samples = this.#samples.get(copier) ?? []
    this.#samples.set(copier, samples)
    const last = samples.at(-1)
    if (last !== undefined && (last.end === end || at - last.at < SAMPLE_EVERY_MS)) return
    samples.push({ at, end })
    if (samples.length > SAMPLES_MAX) samples.shift()
  }

  forget(copier: PartitionCopier): void {
    this.#samples.delete(copier)
    this.#latest.delete(copier)
  }

  latest(copier: PartitionCopier): Sample | null {
    return this.#latest.get(copier) ?? null
  }

  /**
   * Milliseconds for which the source has held more than `position`; 0 when it does not, null when unknown.
   * A backlog older than the history is dated by `reachedTimestamp`, the newest record time the mirror has.
   */
  behindMs(
    copier: PartitionCopier,
    position: number,
    reachedTimestamp: number | null,
    now: number,
  ): number | null {
    const latest = this.#latest.get(copier)
    if (latest === undefined) return null
    if (latest.end <= position) return 0
    const samples = this.#samples.get(copier) ?? []
    const first = samples.find((sample) => sample.end > position)
    if (first === undefined) return Math.max(0, now - latest.at)
    if (first !== samples[0]) return Math.max(0, now - first.at)
    if (reachedTimestamp === null || reachedTimestamp < 0) return null
    return Math.max(now - reachedTimestamp, now - first.at, 0)
  }
}
