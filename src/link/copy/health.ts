import { fault } from '../errors.ts'
import type { Fault } from '../status.ts'

export type SideName = 'source' | 'destination'
type Trouble = { readonly since: number; why: string }

/** Shorter troubles are the everyday life of a cluster: a leader moves, a broker restarts. */
const TELL_AFTER_MS = 5_000

/** A broker by id, partitions that no broker leads, or the cluster as a whole. */
type Who = number | 'leaderless' | 'cluster'

/** Which brokers have not answered, and since when; what lasts becomes the link's fault, and goes when they answer. */
export class Health {
  readonly #troubles = {
    source: new Map<Who, Trouble>(),
    destination: new Map<Who, Trouble>(),
  }

  failed(side: SideName, who: Who, why: string, now: number): void {
    const known = this.#troubles[side].get(who)
    if (known === undefined) this.#troubles[side].set(who, { since: now, why })
    else known.why = why
  }

  answered(side: SideName, who: Who): void {
    this.#troubles[side].delete(who)
  }

  /** No partition waits for a broker of that side. */
  allSettled(side: SideName): void {
    for (const who of this.#troubles[side].keys()) if (who !== 'cluster') this.#troubles[side].delete(who)
  }

  fault(now: number): Fault | null {
    for (const side of ['destination', 'source'] as const) {
      for (const [who, { since, why }] of this.#troubles[side]) {
        if (now - since < TELL_AFTER_MS) continue
        const code = side === 'source' ? 'SOURCE_UNREACHABLE' : 'DESTINATION_UNREACHABLE'
        return { ...fault(code, `${side}: ${sentenceOf(who)}: ${why}`, { who }), since }
      }
    }
    return null
  }
}

function sentenceOf(who: Who): string {
  switch (who) {
    case 'leaderless':
      return 'no broker leads a partition'
    case 'cluster':
      return 'the cluster does not answer'
    default:
      return `broker ${who} does not answer`
  }
}
