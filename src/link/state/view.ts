import type { OwnedRecord } from '../travel/owned.ts'
import type { GapsRecord, LeaseRecord, LinkRecord, MirrorRecord, StateChange } from './records.ts'

/** The facts that a log of changes amounts to: the last change of a key wins. */
export class StateView {
  readonly #links = new Map<string, LinkRecord>()
  readonly #gaps = new Map<string, GapsRecord>()
  readonly #leases = new Map<string, LeaseRecord>()
  readonly #mirrors = new Map<string, Map<string, MirrorRecord>>()
  readonly #owned = new Map<string, Map<string, OwnedRecord>>()

  apply(change: StateChange): void {
    switch (change.kind) {
      case 'link':
        put(this.#links, change.name, change.record)
        break
      case 'gaps':
        put(this.#gaps, change.name, change.record)
        break
      case 'lease':
        this.#lease(change.name, change.record)
        break
      case 'mirror': {
        const mirrors = this.#mirrors.get(change.name) ?? new Map<string, MirrorRecord>()
        this.#mirrors.set(change.name, mirrors)
        put(mirrors, change.topic, change.record)
        break
      }
      case 'owned': {
        const owned = this.#owned.get(change.name) ?? new Map<string, OwnedRecord>()
        this.#owned.set(change.name, owned)
        put(owned, change.what, change.record)
      }
    }
  }

  /** Of several claims of one generation the first in the log holds: this makes the log a compare-and-set. */
  #lease(name: string, record: LeaseRecord | null): void {
    const held = this.#leases.get(name)
    if (record !== null && held !== undefined && record.generation <= held.generation) return
    put(this.#leases, name, record)
  }

  links(): LinkRecord[] {
    return [...this.#links.values()]
  }
  link(name: string): LinkRecord | null {
    return this.#links.get(name) ?? null
  }
  gaps(name: string): GapsRecord | null {
    return this.#gaps.get(name) ?? null
  }
  lease(name: string): LeaseRecord | null {
    return this.#leases.get(name) ?? null
  }
  /** The mirrors of a link by the source's topic name. */
  mirrors(link: string): MirrorRecord[] {
    return [...(this.#mirrors.get(link)?.values() ?? [])]
  }
  /** What else a link made, by its key below the link. */
  owned(link: string): ReadonlyMap<string, OwnedRecord> {
    return this.#owned.get(link) ?? new Map()
  }
  mirror(link: string, topic: string): MirrorRecord | null {
    return this.#mirrors.get(link)?.get(topic) ?? null
  }
}

function put<T>(map: Map<string, T>, key: string, value: T | null): void {
  if (value === null) map.delete(key)
  else map.set(key, value)
}
