import type { DeletionTravel } from './options.ts'

/** After such a pause between two looks at the source, a topic counts as gone from the later one on. */
const BLIND_MAX_MS = 300_000
/** A topic must have been missing in so many looks: one answer of one broker proves nothing. */
const LOOKS_MIN = 3

type Missing = { readonly since: number; readonly looks: number }

/** What a look at the source showed of the topics of a link. */
export type SourceLook = {
  readonly at: number
  /** All topics that the source shows, also those that are not the link's. */
  readonly visible: number
  /** The link's mirrors by their topics, and those of them whose topic is not at the source. */
  readonly mirrored: number
  readonly missing: readonly string[]
}

/** Which mirrors may be deleted, and why none may although topics are gone. */
export type DeletionVerdict = { readonly due: readonly string[]; readonly note: string | null }

/**
 * Decides when a mirror follows its topic into deletion. It waits for the time that was set, and does nothing at all
 * when the source looks emptied: that is an accident or the wrong cluster, and the mirrors are what is left.
 */
export class Deletions {
  readonly #rules: DeletionTravel
  #missing = new Map<string, Missing>()
  #lastLookAt: number | null = null

  constructor(rules: DeletionTravel) {
    this.#rules = rules
  }

  look({ at, visible, mirrored, missing }: SourceLook): DeletionVerdict {
    const { afterMs, shareMax } = this.#rules
    if (afterMs === null) return { due: [], note: null }
    const blind = this.#lastLookAt !== null && at - this.#lastLookAt > BLIND_MAX_MS
    this.#lastLookAt = at
    const before = blind ? new Map<string, Missing>() : this.#missing
    this.#missing = new Map(
      missing.map((topic) => {
        const known = before.get(topic) ?? { since: at, looks: 0 }
        return [topic, { ...known, looks: known.looks + 1 }]
      }),
    )
    if (missing.length === 0) return { due: [], note: null }
    if (visible === 0) {
      this.#missing.clear()
      return { due: [], note: 'the source shows no topic at all, so no mirror is deleted' }
    }
    if (missing.length > Math.max(1, Math.floor(shareMax * mirrored))) {
      const note = `${missing.length} of ${mirrored} topics are gone at the source: too many to delete their mirrors`
      return { due: [], note }
    }
    const due = [...this.#missing].filter(
      ([, { since, looks }]) => looks >= LOOKS_MIN && at - since >= afterMs,
    )
    return { due: due.map(([topic]) => topic), note: null }
  }
}
