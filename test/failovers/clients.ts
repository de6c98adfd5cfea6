import type { Access } from '../harness/access.ts'
import type { JavaClient, JournalWriter } from '../harness/java/client.ts'
import { PATIENCE_MS, waitUntil } from '../harness/wait.ts'
import type { Journal } from './check/journal.ts'
import { KcatWriter } from './kcat-writer.ts'

export const TOPIC = 'orders'
export const PARTITIONS = 3
const common = { topic: TOPIC, partitions: PARTITIONS, valueBytes: 120, codec: 'none' } as const
const javaWriters: readonly JournalWriter[] = [
  { name: 'java-plain', kind: 'plain', perSecond: 100, ...common },
  { name: 'java-idempotent', kind: 'idempotent', perSecond: 150, ...common },
  { name: 'java-transactional', kind: 'transactional', perSecond: 4, ...common },
]
const outcomes = { a: 'acknowledged', f: 'refused', u: 'unknown' } as const
/** Markers and aborted records take offsets that no reader sees. */
const GAP = 1_000_000

/** Everybody who uses the route: writers with a journal, of Java and of librdkafka, and readers. */
export class Clients {
  readonly #java: JavaClient
  readonly #kcats: readonly (readonly [name: string, writer: KcatWriter])[]

  private constructor(java: JavaClient, kcats: readonly (readonly [string, KcatWriter])[]) {
    this.#java = java
    this.#kcats = kcats
  }

  /** They spread over the gateways of the route, of which there are two. */
  static async start(java: JavaClient, gateways: readonly Access[]): Promise<Clients> {
    const at = (number: number) => gateways[number % gateways.length]!
    for (const [number, writer] of javaWriters.entries()) await java.startJournal(at(number), writer)
    await java.startFollower(at(0), { name: 'reader', topic: TOPIC, gap: GAP })
    await java.startFollower(at(1), { name: 'group', topic: TOPIC, group: 'group', gap: GAP })
    const kcats = [false, true].map((isIdempotent, partition) => {
      const name = isIdempotent ? 'kcat-idempotent' : 'kcat-plain'
      const spec = { name, topic: TOPIC, partition, perSecond: 40, isIdempotent }
      return [name, KcatWriter.start(at(partition), spec)] as const
    })
    return new Clients(java, kcats)
  }

  /** By client, records that it was acknowledged, or has read. */
  async counts(): Promise<ReadonlyMap<string, number>> {
    const [journals, followers] = await Promise.all([this.#java.journalCounts(), this.#java.followerCounts()])
    return new Map([
      ...Object.entries(journals).map(([name, { acknowledged }]) => [name, acknowledged] as const),
      ...Object.entries(followers).map(([name, { read }]) => [name, read] as const),
      ...this.#kcats.map(([name, { acknowledged }]) => [name, acknowledged] as const),
    ])
  }

  /** Waits until each of them has moved on by so many records; gives when each one did, by the clock. */
  async progress(
    what: string,
    records: number,
    withinMs = PATIENCE_MS,
  ): Promise<ReadonlyMap<string, number>> {
    const from = await this.counts()
    const movedAt = new Map<string, number>()
    const look = async () => {
      for (const [name, count] of await this.counts())
        if (count >= from.get(name)! + records && !movedAt.has(name)) movedAt.set(name, Date.now())
      return movedAt.size === from.size
    }
    const lastSeen = async () => ({
      waitsFor: [...from.keys()].filter((name) => !movedAt.has(name)),
      journals: await this.#java.journalCounts(),
      followers: await this.#java.followerCounts(),
      kcats: this.#kcats.map(([name, { trouble }]) => ({ name, trouble: trouble.slice(-3) })),
    })
    await waitUntil(`everybody goes on ${what}`, look, { withinMs, everyMs: 25, lastSeen })
    return movedAt
  }

  /** Ends all of them; gives the journals and what readers complained of. */
  async stop(): Promise<{ readonly journals: Journal[]; readonly errors: readonly string[] }> {
    const kcats = await Promise.all(this.#kcats.map(([, writer]) => writer.stop()))
    const javas = await Promise.all(javaWriters.map((writer) => this.#journalOf(writer)))
    const readers = await Promise.all(['reader', 'group'].map((name) => this.#java.stopFollower(name)))
    return { journals: [...kcats, ...javas], errors: readers.flatMap(({ errors }) => errors) }
  }

  /** After a failure; those of Java end with their process. */
  kill(): void {
    for (const [, writer] of this.#kcats) writer.kill()
  }

  async #journalOf({ name, kind }: JournalWriter): Promise<Journal> {
    const part = await this.#java.stopJournal(name)
    const records = [...part.outcomes].map((letter, id) => ({
      partition: id % PARTITIONS,
      outcome: outcomes[letter as keyof typeof outcomes],
      offset: part.offsets[id]!,
    }))
    // Without idempotence a retry may overtake.
    return { writer: name, isOrdered: kind !== 'plain', records }
  }
}
