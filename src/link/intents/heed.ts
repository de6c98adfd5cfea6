import type { Copying } from '../copy/copying.ts'
import type { Mirror } from '../mirrors/mirror.ts'
import type { Mirrors } from '../mirrors/mirrors.ts'
import type { SessionOptions } from '../session-options.ts'
import type { IntentRecord } from '../state/intents.ts'
import { repairsFor } from './repairs.ts'

export type HeedingOptions = Pick<SessionOptions, 'share' | 'intents'> & {
  readonly mirrors: Mirrors
  readonly copying: Copying
}

/**
 * What a worker that does not lead does of repairs: once the leading one has begun one, in the mirror's record, it lets
 * its own partitions go on. It answers nobody; that it has done so stands in its report.
 */
export class Heeding {
  readonly #options: HeedingOptions
  #done = new Set<string>()

  constructor(options: HeedingOptions) {
    this.#options = options
  }

  /** Of the repairs that are not over, those that this worker has done its part of. */
  done(): string[] {
    return [...this.#done]
  }

  /** Looks at the mirrors' records as the session knows them by now. */
  step(): void {
    const { intents, mirrors } = this.#options
    const open = (intents?.list() ?? []).flatMap((intent) => {
      const mirror = mirrors.get(intent.topic)
      const answer = mirror?.notes.answer
      const isOpen = answer?.intent === intent.id && answer.outcome === 'working'
      return mirror !== undefined && isOpen ? [{ intent, mirror }] : []
    })
    for (const { intent, mirror } of open) {
      if (intent.wish.verb !== 'repair' || intent.wish.choice === 'reseed' || this.#done.has(intent.id))
        continue
      const own = Array.from({ length: mirror.readyPartitions }, (_, partition) => partition).filter(
        (partition) => this.#isMeant(intent, mirror, partition),
      )
      copyAnew(this.#options.copying, mirror.name, own)
      this.#done.add(intent.id)
    }
    this.#done = new Set(open.map(({ intent }) => intent.id).filter((id) => this.#done.has(id)))
  }

  #isMeant({ id, wish }: IntentRecord, mirror: Mirror, partition: number): boolean {
    const { share, copying } = this.#options
    if (wish.verb !== 'repair' || !mirror.copies) return false
    if (share.otherOwnerOf({ topic: mirror.topic, partition }) !== null) return false
    if (wish.choice === 'accept-gap')
      return mirror.notes.acceptedBy(id).some((range) => range.partition === partition)
    const code = copying.copierOf({ topic: mirror.name, partition })?.fault?.code
    const isAsked = wish.partitions === null || wish.partitions.includes(partition)
    return isAsked && code !== undefined && repairsFor(code).includes('resume')
  }
}

/** Lets partitions of a mirror be copied from the log's end on, as if they were new. */
export function copyAnew(copying: Copying, mirror: string, partitions: readonly number[]): void {
  for (const partition of partitions) {
    const at = { topic: mirror, partition }
    copying.remove(at)
    copying.add(at)
  }
}
