import type { MirrorRecord } from '../../src/link/state/records.ts'
import type { PartitionModel, TopicModel } from '../model/cluster.ts'

/** What spoils a mirror partition without being the link's fault. It must end as a fault of the link. */
export type Damage = {
  readonly why: 'foreign writer' | 'unguarded zombie' | 'tail lost at the source'
  readonly offset: number
}

/** One partition of a mirror with the source partition that it is meant to be. */
export type Pair = {
  readonly source: PartitionModel
  readonly mirror: PartitionModel
  /** Where the mirror begins; below it there is only filler. */
  readonly start: number
  damage: Damage | null
  /** Who has appended last: a worker on a connection. */
  lastBy: string
  /** When somebody else than the one before has appended last. */
  turnedAt: number
  appendedAt: number
}

/** Which topic of the destination mirrors which topic of the source, as the link itself has noted it. */
export class Mirrors {
  readonly #sources = new Map<string, TopicModel>()
  readonly #records = new Map<string, MirrorRecord>()
  readonly #pairs = new Map<PartitionModel, Pair>()
  readonly #strays = new Map<PartitionModel, Damage>()

  /** Something late has landed in a topic that is not known as a mirror yet: it was meant for the one before. */
  strayed(mirror: PartitionModel, offset: number): void {
    if (!this.#strays.has(mirror)) this.#strays.set(mirror, { why: 'unguarded zombie', offset })
  }

  knowSource(topic: TopicModel): void {
    this.#sources.set(topic.id, topic)
  }

  saved(record: MirrorRecord): void {
    if (record.mirrorTopicId !== '') this.#records.set(record.mirrorTopicId, record)
  }

  record(mirrorTopicId: string): MirrorRecord | undefined {
    return this.#records.get(mirrorTopicId)
  }

  /** The pair of a mirror's partition; null for a topic that is no mirror. */
  of(mirror: PartitionModel): Pair | null {
    const known = this.#pairs.get(mirror)
    if (known !== undefined) return known
    const record = this.#records.get(mirror.topic.id)
    const source = record && this.#sources.get(record.sourceTopicId)?.partitions[mirror.partition]
    if (record === undefined || source === undefined) return null
    const records = this.#records
    const pair = {
      source,
      mirror,
      get start() {
        // Of a partition that the source gained the link notes it once it is seeded.
        return records.get(mirror.topic.id)?.start[mirror.partition] ?? source.log.start
      },
      damage: this.#strays.get(mirror) ?? null,
      lastBy: '',
      turnedAt: -1,
      appendedAt: -1,
    }
    this.#pairs.set(mirror, pair)
    return pair
  }

  all(): IterableIterator<Pair> {
    return this.#pairs.values()
  }
}
