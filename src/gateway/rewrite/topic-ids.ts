import { createHash } from 'node:crypto'
import { ZERO_UUID } from '../../wire/codec/schema.ts'

const UUID_BYTES = 16
const virtualByName = new Map<string, string>()
const NAMES_MAX = 200_000

/** The topic id that clients see: one for a name, whatever cluster serves it (22 characters base64url). */
export function virtualTopicId(name: string): string {
  const known = virtualByName.get(name)
  if (known !== undefined) return known
  const hash = createHash('sha256').update(`kmc topic ${name}`).digest()
  const id = hash.toString('base64url', 0, UUID_BYTES)
  if (virtualByName.size >= NAMES_MAX) virtualByName.clear()
  virtualByName.set(name, id)
  return id
}

/** The cluster id that clients of a route see. */
export function virtualClusterId(route: string): string {
  return createHash('sha256').update(`kmc route ${route}`).digest().toString('base64url', 0, UUID_BYTES)
}

/** Names and true ids of one cluster's topics, as far as they were seen. Pure. */
export class TopicIds {
  readonly #nameById = new Map<string, string>()
  readonly #idByName = new Map<string, string>()
  readonly #nameByVirtual = new Map<string, string>()

  note(name: string, id: string): void {
    const before = this.#idByName.get(name)
    if (id === ZERO_UUID || before === id) return
    if (before !== undefined) this.#nameById.delete(before)
    this.#idByName.set(name, id)
    this.#nameById.set(id, name)
    this.#nameByVirtual.set(virtualTopicId(name), name)
  }

  /** Undefined when no topic with this true id was seen. */
  toVirtual(id: string): string | undefined {
    if (id === ZERO_UUID) return id
    const name = this.#nameById.get(id)
    return name === undefined ? undefined : virtualTopicId(name)
  }

  /** Undefined when no topic with this virtual id was seen. */
  toTrue(id: string): string | undefined {
    if (id === ZERO_UUID) return id
    const name = this.#nameByVirtual.get(id)
    return name === undefined ? undefined : this.#idByName.get(name)
  }
}
