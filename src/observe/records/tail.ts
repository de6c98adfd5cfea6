import type { Clock } from '../../base/clock.ts'
import type { Cluster } from '../../client/cluster.ts'
import type { Isolation } from '../../client/isolation.ts'
import { rangesFrom } from '../../client/records/ranges.ts'
import { type ConsumedRecord, readTopic } from '../../client/records/read-topic.ts'
import type { Expression } from '../expression/ast.ts'
import { holds } from '../expression/evaluate.ts'
import { RecordSubject } from './subject.ts'

export type TailQuery = {
  readonly topic: string
  readonly partitions: readonly number[]
  readonly filter: Expression | null
  readonly isolation: Isolation
  readonly signal: AbortSignal
}

/** What came in a moment: the first of it, and how many more there were. */
export type Moment = { readonly records: readonly ConsumedRecord[]; readonly skipped: number }

/** Nobody reads faster than this, and a page would choke on more. */
const RECORDS_MAX = 200
const MOMENT_MS = 250

/** Records from now on, moment by moment, until the signal fires. What was left out is counted. */
export async function* tailTopic(cluster: Cluster, query: TailQuery, clock: Clock): AsyncGenerator<Moment> {
  const { topic, partitions, filter, isolation, signal } = query
  const ranges = await rangesFrom(cluster, topic, partitions, { start: { at: 'end' }, isolation, signal })
  const chunks = readTopic(cluster, { topic, ranges, isolation, untilEnd: false, signal })
  let moment = new MomentSoFar(filter)
  let next = chunks.next()
  let bell: Promise<void> | null = null
  for (;;) {
    if (!moment.isEmpty) bell ??= clock.sleep(MOMENT_MS, signal)
    const came = bell === null ? await next : await Promise.race([next, bell])
    if (came === undefined) {
      yield moment.told()
      moment = new MomentSoFar(filter)
      bell = null
    } else if (came.done === true) return
    else {
      moment.add(came.value.records)
      next = chunks.next()
    }
  }
}

class MomentSoFar {
  readonly #filter: Expression | null
  readonly #records: ConsumedRecord[] = []
  #skipped = 0

  constructor(filter: Expression | null) {
    this.#filter = filter
  }

  get isEmpty(): boolean {
    return this.#records.length === 0
  }

  add(records: readonly ConsumedRecord[]): void {
    for (const record of records) {
      if (this.#filter !== null && !holds(this.#filter, new RecordSubject(record))) continue
      if (this.#records.length < RECORDS_MAX) this.#records.push(record)
      else this.#skipped++
    }
  }

  told(): Moment {
    return { records: this.#records, skipped: this.#skipped }
  }
}
