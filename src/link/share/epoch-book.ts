import { type EpochStart, inOrder } from '../copier/source-epochs.ts'
import type { Mirrors } from '../mirrors/mirrors.ts'
import type { TopicPartition } from '../port.ts'
import type { SessionOptions } from '../session-options.ts'
import type { StateChange } from '../state/records.ts'

export type EpochBookOptions = Pick<SessionOptions, 'spec' | 'state'> & { readonly mirrors: Mirrors }

type EpochChange = StateChange & { readonly kind: 'epoch' }

/** What a partition of a mirror was copied from. */
export type EpochEntry = { readonly at: TopicPartition; readonly starts: readonly EpochStart[] }

/**
 * The source's leader epochs of what was copied, for whichever worker comes next: it finds a source that lost its tail
 * as the one before would have. Each epoch is a fact of its own, so that what a worker writes late undoes nothing.
 */
export class EpochBook {
  readonly #options: EpochBookOptions
  readonly #written = new Map<string, readonly EpochStart[]>()
  #opened = false

  constructor(options: EpochBookOptions) {
    this.#options = options
  }

  /** Before anything is looked up: what the workers before have written must be here. */
  async open(): Promise<void> {
    if (this.#opened) return
    await this.#options.state.refresh()
    this.#opened = true
  }

  /** `at` by the mirror's name, as in `write`. */
  find(at: TopicPartition): readonly EpochStart[] {
    const topic = this.#options.mirrors.topicOf(at.topic)
    const mirrorTopicId = this.#idOf(topic)
    const known = this.#written.get(`${mirrorTopicId}/${at.partition}`)
    if (known !== undefined) return known
    const noted = [...this.#options.state.epochs({ topic, partition: at.partition })]
    const own = noted.filter(([, record]) => record.mirrorTopicId === mirrorTopicId)
    return inOrder(own.map(([epoch, { from, after }]) => ({ epoch, from, after })))
  }

  /** Resolves when it is stored: what was read may be copied from then on. */
  async write(entries: readonly EpochEntry[]): Promise<void> {
    await this.#options.state.saveEpochs(entries.flatMap((entry) => this.#changes(entry)))
    for (const { at, starts } of entries) {
      const mirrorTopicId = this.#idOf(this.#options.mirrors.topicOf(at.topic))
      this.#written.set(`${mirrorTopicId}/${at.partition}`, starts)
    }
  }

  /** What differs from what stands there; also ends what was noted of an earlier mirror of that name. */
  #changes({ at, starts }: EpochEntry): EpochChange[] {
    const { spec, state, mirrors } = this.#options
    const { partition } = at
    const topic = mirrors.topicOf(at.topic)
    const mirrorTopicId = this.#idOf(topic)
    const place = { kind: 'epoch', name: spec.name, topic, partition } as const
    const known = new Map(this.find(at).map((start) => [start.epoch, start]))
    const wanted = new Set(starts.map(({ epoch }) => epoch))
    const others = [...state.epochs({ topic, partition })].filter(
      ([, record]) => record.mirrorTopicId !== mirrorTopicId,
    )
    const gone = new Set([...known.keys(), ...others.map(([epoch]) => epoch)])
    const put = starts.flatMap(({ epoch, from, after }): EpochChange[] => {
      const there = known.get(epoch)
      if (there?.from === from && there.after === after) return []
      return [{ ...place, epoch, record: { link: spec.name, topic, mirrorTopicId, from, after } }]
    })
    const end = [...gone].filter((epoch) => !wanted.has(epoch))
    return [...put, ...end.map((epoch) => ({ ...place, epoch, record: null }))]
  }

  #idOf(topic: string): string {
    return this.#options.mirrors.get(topic)?.topicId ?? ''
  }
}
