import type { PartitionFacts } from '../copy/facts.ts'
import type { AnswerRecord } from '../state/intents.ts'
import type { MirrorRecord } from '../state/records.ts'
import type { Fault, MirrorState } from '../status.ts'
import type { TopicConfig } from './configs.ts'
import { type Damage, damageOf, faultOfDamage } from './damage.ts'

/** The topic id in the record of a mirror that is about to be made. */
const NOT_MADE_YET = ''

type Names = { readonly link: string; readonly topic: string; readonly mirror: string }

export type NotesOptions = Names & {
  /** The producer id that this worker writes the mirror with. */
  readonly producerId: number
  /** Stores the record before anything rests on it. */
  readonly save: (record: MirrorRecord) => Promise<void>
}

/** What is known of a mirror when it begins. */
type Beginning = Pick<MirrorRecord, 'sourceTopicId' | 'start' | 'withheld'>

/** What is known of one mirror beyond its log, as `__kmc_state` keeps it. Each change is made of the one before. */
export class MirrorNotes {
  readonly #options: NotesOptions
  #record: MirrorRecord | null
  #damage: readonly Damage[]
  #saving: Promise<void> = Promise.resolve()
  /** The answer of a mirror that was forgotten, for the one that takes its place. */
  #kept: AnswerRecord | null = null

  constructor(record: MirrorRecord | null, options: NotesOptions) {
    this.#options = options
    this.#record = record
    this.#damage = record?.damage ?? []
  }

  get record(): MirrorRecord | null {
    return this.#record
  }
  /** The record once the topic was there; before that nothing rests on it. */
  get made(): MirrorRecord | null {
    return this.#record?.mirrorTopicId === NOT_MADE_YET ? null : this.#record
  }
  /** To the intent that was seen last; it outlives the mirror that was forgotten, or the intent would be begun anew. */
  get answer(): AnswerRecord | null {
    return this.#record === null ? this.#kept : (this.#record.answer ?? null)
  }

  /** What is known of a partition beyond its log; without any known writer nothing is judged by it. */
  factsOf(partition: number): PartitionFacts {
    const record = this.#record
    const accepted = record?.accepted.filter((range) => range.partition === partition) ?? []
    return {
      writers: new Set(record?.producerIds ?? []),
      acceptedTo: Math.max(0, ...accepted.map(({ to }) => to)),
      adoptedTo: record?.adopted[partition] ?? 0,
    }
  }

  /** What an earlier worker, or this one, found wrong with the log of a partition. */
  damageTo(partition: number): Fault | null {
    const damage = this.#damage.find((known) => known.partition === partition)
    return damage === undefined ? null : faultOfDamage(damage)
  }

  /** Takes over what another worker has noted. */
  take(record: MirrorRecord | null): void {
    this.#record = record
    this.#damage = record?.damage ?? []
  }

  /** Notes a mirror that is to be made. */
  begins(beginning: Beginning): Promise<void> {
    return this.#note({ ...beginning, mirrorTopicId: NOT_MADE_YET })
  }

  /** Notes that its topic is there. */
  stands(beginning: Beginning, mirrorTopicId: string): Promise<void> {
    return this.#note({ ...beginning, mirrorTopicId })
  }

  #note(found: Beginning & Pick<MirrorRecord, 'mirrorTopicId'>): Promise<void> {
    const { link, topic, mirror, producerId } = this.#options
    const damage = [...this.#damage]
    return this.#put(() => {
      const { accepted = [], adopted = [], answer = this.#kept } = this.#record ?? {}
      const known = this.#record?.producerIds ?? []
      const kept = { producerIds: known.length === 0 ? [producerId] : known, accepted, adopted, answer }
      const names = { link, topic, mirror }
      return { ...names, ...found, ...kept, state: 'seeding', closing: false, promotedAt: null, damage }
    })
  }

  seeded(): Promise<void> {
    return this.#update((record) => ({ ...record, state: 'active' }))
  }

  /** Partitions that it gained, by where they begin. */
  grew(starts: readonly number[]): Promise<void> {
    return this.#update((record) => ({ ...record, start: [...record.start, ...starts] }))
  }

  /** The source's own values of settings that the mirror holds otherwise. */
  withholds(withheld: TopicConfig): Promise<void> {
    return this.#update((record) => ({ ...record, withheld }))
  }

  /** A link that was ended and made again writes under another producer id than the one before. */
  async signed(): Promise<void> {
    const { producerId } = this.#options
    const known = this.#record?.producerIds ?? []
    if (known.length === 0 || known.includes(producerId)) return
    await this.#update((record) => ({ ...record, producerIds: [...record.producerIds, producerId] }))
  }

  /** The mirror that was made is gone, before it is made again; whoever looks after it then does that. */
  async goes(): Promise<void> {
    this.#damage = []
    await this.#update((record) => ({ ...record, mirrorTopicId: NOT_MADE_YET, state: 'seeding', damage: [] }))
  }

  forget(): void {
    this.#kept = this.answer
    this.take(null)
  }

  /** A partition's log is not the source's any more. What cannot be stored now is tried again with `keepDamage`. */
  async damaged(partition: number, seen: Fault): Promise<void> {
    if (this.damageTo(partition) !== null) return
    this.#damage = [...this.#damage, damageOf(partition, seen)]
    await this.keepDamage()
  }

  keepDamage(): Promise<void> {
    return this.#update((record) => ({ ...record, damage: [...this.#damage] }))
  }

  /** Forgets the damage of partitions, since somebody says that it is gone; it is found again where it is not. */
  cures(partitions: readonly number[], answer: AnswerRecord): Promise<void> {
    this.#damage = this.#damage.filter(({ partition }) => !partitions.includes(partition))
    return this.#update((record) => ({ ...record, damage: [...this.#damage], answer }))
  }

  /** Answers an intent. */
  answers(answer: AnswerRecord): Promise<void> {
    return this.#update((record) => ({ ...record, answer }))
  }

  /** Into another state of its life, with the answer to the intent that wanted it. */
  moves(state: MirrorState, answer: AnswerRecord): Promise<void> {
    const kept = state === 'faulted' ? 'active' : state
    return this.#update((record) => ({ ...record, state: kept, closing: false, answer }))
  }

  /** While a promotion looks whether anything more comes, nothing is copied, by any worker. */
  closes(closing: boolean): Promise<void> {
    return this.#update((record) => ({ ...record, closing }))
  }

  /** From here on no link writes to it, wherever it goes on. */
  promoted(ends: readonly number[]): Promise<void> {
    return this.#update((record) => ({ ...record, state: 'promoted', closing: false, promotedAt: [...ends] }))
  }

  /** Gives offsets of the source up as lost. */
  accepts(
    ranges: readonly { readonly partition: number; readonly from: number; readonly to: number }[],
    answer: AnswerRecord,
  ): Promise<void> {
    const { intent } = answer
    const lost = ranges.map(({ partition, from, to }) => ({ partition, from, to, intent }))
    return this.#update((record) => ({ ...record, accepted: [...record.accepted, ...lost], answer }))
  }

  /** The offsets that one intent gave up. */
  acceptedBy(intent: string): MirrorRecord['accepted'] {
    return this.#record?.accepted.filter((range) => range.intent === intent) ?? []
  }

  /** Stores the record as changed, when there is one and the change is any. */
  #update(change: (record: MirrorRecord) => MirrorRecord): Promise<void> {
    return this.#put(() => (this.#record === null ? null : change(this.#record)))
  }

  #put(make: () => MirrorRecord | null): Promise<void> {
    const put = this.#saving.then(async () => {
      const record = make()
      if (record === null || JSON.stringify(record) === JSON.stringify(this.#record)) return
      await this.#options.save(record)
      this.#record = record
    })
    this.#saving = put.catch(() => {})
    return put
  }
}
