import { z } from 'zod'
import type { FleetStatus } from '../../../fleet/run/fleet-status.ts'
import { linkLagSchema } from './parts.ts'

/** Where else a topic is, by a link. */
export const copySchema = z.object({
  link: z.string(),
  cluster: z.string(),
  topic: z.string(),
  state: z.string(),
  lag: linkLagSchema,
})

type Copy = z.infer<typeof copySchema>

export type Copies = {
  /** Mirrors that are kept of it. */
  readonly mirrors: readonly Copy[]
  /** What it is a mirror of; null when it is a topic of its own. */
  readonly mirrorOf: Copy | null
}

/** Which topics are copied where, for lookups by cluster and topic. */
export class CopyIndex {
  readonly #mirrors = new Map<string, Copy[]>()
  readonly #mirrorOf = new Map<string, Copy>()

  constructor({ links }: FleetStatus) {
    for (const { name: link, from, to, mirrors } of links) {
      for (const { topic, mirror, state, lag } of mirrors) {
        const source = keyOf(from, topic)
        const copy = { link, cluster: to, topic: mirror, state, lag }
        this.#mirrors.set(source, [...(this.#mirrors.get(source) ?? []), copy])
        this.#mirrorOf.set(keyOf(to, mirror), { link, cluster: from, topic, state, lag })
      }
    }
  }

  of(cluster: string, topic: string): Copies {
    const key = keyOf(cluster, topic)
    return { mirrors: this.#mirrors.get(key) ?? [], mirrorOf: this.#mirrorOf.get(key) ?? null }
  }
}

function keyOf(cluster: string, topic: string): string {
  return `${cluster}/${topic}`
}
