import type { MirrorRecord } from '../state/records.ts'
import type { Mirror } from './mirror.ts'

export type MirrorsOptions = {
  readonly prefix: string
  /** What is noted of the mirror of a topic. */
  readonly recordOf: (topic: string) => MirrorRecord | null
  readonly make: (names: { topic: string; mirror: string }, record: MirrorRecord | null) => Mirror
}

/** The mirrors of a link as one session knows them, by the source's topic. */
export class Mirrors {
  readonly #options: MirrorsOptions
  readonly #byTopic = new Map<string, Mirror>()
  readonly #topics = new Map<string, string>()
  /** Topics whose record was ended by this session: what the state still shows of them is old. */
  readonly #forgotten = new Set<string>()

  constructor(options: MirrorsOptions) {
    this.#options = options
  }

  /** The mirror of a topic, known from now on. */
  of(topic: string): Mirror {
    const known = this.#byTopic.get(topic)
    if (known !== undefined) return known
    const { prefix, recordOf, make } = this.#options
    const name = prefix + topic
    const mirror = make({ topic, mirror: name }, this.#forgotten.has(topic) ? null : recordOf(topic))
    this.#byTopic.set(topic, mirror)
    this.#topics.set(name, topic)
    return mirror
  }

  get(topic: string): Mirror | undefined {
    return this.#byTopic.get(topic)
  }

  /** Also one whose topic has not been seen yet, where there is a record of it. */
  known(topic: string): Mirror | null {
    return this.#byTopic.get(topic) ?? (this.#options.recordOf(topic) === null ? null : this.of(topic))
  }

  values(): IterableIterator<Mirror> {
    return this.#byTopic.values()
  }

  /** The source's name of a mirror. */
  topicOf(mirror: string): string {
    return this.#topics.get(mirror) ?? mirror
  }

  wasForgotten(topic: string): boolean {
    return this.#forgotten.has(topic)
  }

  drop(mirror: Mirror): void {
    this.#byTopic.delete(mirror.topic)
    this.#topics.delete(mirror.name)
  }

  /** Drops one whose record was ended. */
  forget(mirror: Mirror): void {
    this.drop(mirror)
    this.#forgotten.add(mirror.topic)
  }
}
