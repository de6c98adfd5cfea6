import { fault } from '../errors.ts'
import type { Fault } from '../status.ts'

export type SideName = 'source' | 'destination'
type Trouble = { readonly since: number; why: string }

/** Shorter troubles are the everyday life of a cluster: a leader moves, a broker restarts. */
const TELL_AFTER_MS = 5_000

/** Which brokers have not answered, and since when; what lasts becomes the link's fault, and goes when they answer. */
export class Health {
  readonly #troubles = {
    source: new Map<number | null, Trouble>(),
    destination: new Map<number | null, Trouble>(),
  }

  /** `node` is null for partitions that nobody leads. */
  failed(side: SideName, node: number | null, why: string, now: number): void {
    const known = this.#troubles[side].get(node)
    if (known === undefined) this.#troubles[side].set(node, { since: now, why })
    else known.why = why
  }

  answered(side: SideName, node: number | null): void {
    this.#troubles[side].delete(node)
  }

  allAnswered(side: SideName): void {
    this.#troubles[side].clear()
  }

  fault(now: number): Fault | null {
    for (const side of ['destination', 'source'] as const) {
      for (const [node, { since, why }] of this.#troubles[side]) {
        if (now - since < TELL_AFTER_MS) continue
        const code = side === 'source' ? 'SOURCE_UNREACHABLE' : 'DESTINATION_UNREACHABLE'
        const who = node === null ? 'no broker leads a partition' : `broker ${node} does not answer`
        return { ...fault(code, `${side}: ${who}: ${why}`, { node }), since }
      }
    }
    return null
  }
}
