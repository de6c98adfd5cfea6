import type { TopicPartition } from '../port.ts'
import type { OwnedRecord } from '../travel/owned.ts'
import type { IntentRecord, ReceiptRecord } from './intents.ts'
import type {
  DirectionRecord,
  EpochRecord,
  FindingRecord,
  GapsRecord,
  LeaseRecord,
  LinkRecord,
  MirrorRecord,
  RestRecord,
  StateChange,
} from './records.ts'
import type { ReportRecord } from './reports.ts'

/** The facts that a log of changes amounts to: the last change of a key wins. */
export class StateView {
  readonly #links = new Map<string, LinkRecord>()
  readonly #gaps = new Map<string, GapsRecord>()
  readonly #leases = new Map<string, LeaseRecord>()
  readonly #rests = new Map<string, RestRecord>()
  readonly #directions = new Map<string, DirectionRecord>()
  readonly #mirrors = new Map<string, Map<string, MirrorRecord>>()
  readonly #owned = new Map<string, Map<string, OwnedRecord>>()
  readonly #intents = new Map<string, Map<string, IntentRecord>>()
  readonly #receipts = new Map<string, Map<string, ReceiptRecord>>()
  readonly #findings = new Map<string, Map<string, FindingRecord>>()
  readonly #reports = new Map<string, Map<string, ReportRecord>>()
  /** By link, by source topic and partition, by leader epoch. */
  readonly #epochs = new Map<string, Map<string, Map<number, EpochRecord>>>()

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
      case 'rest':
        put(this.#rests, change.name, change.record)
        break
      case 'direction':
        this.#direction(change.name, change.record)
        break
      case 'mirror':
        put(within(this.#mirrors, change.name), change.topic, change.record)
        break
      case 'intent':
        put(within(this.#intents, change.name), change.topic, change.record)
        break
      case 'receipt':
        put(within(this.#receipts, change.name), change.record.id, change.record)
        break
      case 'owned':
        put(within(this.#owned, change.name), change.what, change.record)
        break
      case 'finding':
        put(within(this.#findings, change.name), `${change.topic}/${change.partition}`, change.record)
        break
      case 'report':
        put(within(this.#reports, change.name), change.worker, change.record)
        break
      case 'epoch': {
        const place = `${change.topic}/${change.partition}`
        put(within(within(this.#epochs, change.name), place), change.epoch, change.record)
      }
    }
  }

  /** Of several claims of one generation the first in the log holds: this makes the log a compare-and-set. */
  #lease(name: string, record: LeaseRecord | null): void {
    const held = this.#leases.get(name)
    if (record !== null && held !== undefined && record.generation <= held.generation) return
    put(this.#leases, name, record)
  }

  /** A late write of an older turn changes nothing. */
  #direction(name: string, record: DirectionRecord | null): void {
    const known = this.#directions.get(name)
    if (record !== null && known !== undefined && record.epoch <= known.epoch) return
    put(this.#directions, name, record)
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
  /** That nobody works on a link; it holds for the wish that it names. */
  rest(name: string): RestRecord | null {
    return this.#rests.get(name) ?? null
  }
  /** Which way a link runs, as far as this cluster knows; null while it was never turned. */
  direction(name: string): DirectionRecord | null {
    return this.#directions.get(name) ?? null
  }
  /** The mirrors of a link by the source's topic name. */
  mirrors(link: string): MirrorRecord[] {
    return [...(this.#mirrors.get(link)?.values() ?? [])]
  }
  /** What else a link made, by its key below the link. */
  owned(link: string): ReadonlyMap<string, OwnedRecord> {
    return this.#owned.get(link) ?? new Map()
  }
  /** What operators want of a link's mirrors. */
  intents(link: string): IntentRecord[] {
    return [...(this.#intents.get(link)?.values() ?? [])]
  }
  /** What was decided about a mirror's records, oldest first. */
  receipts(link: string, topic: string): ReceiptRecord[] {
    const all = [...(this.#receipts.get(link)?.values() ?? [])]
    return all.filter((receipt) => receipt.topic === topic).sort((a, b) => a.doneAt - b.doneAt)
  }
  mirror(link: string, topic: string): MirrorRecord | null {
    return this.#mirrors.get(link)?.get(topic) ?? null
  }
  /** What workers found that do not write mirror records, until the one that does has taken it over. */
  findings(link: string): FindingRecord[] {
    return [...(this.#findings.get(link)?.values() ?? [])]
  }
  /** What the workers of a link tell of their shares, those of earlier generations included. */
  reports(link: string): ReportRecord[] {
    return [...(this.#reports.get(link)?.values() ?? [])]
  }
  /** The source's leader epochs in what was copied of a partition, named as at the source. */
  epochs(link: string, at: TopicPartition): ReadonlyMap<number, EpochRecord> {
    return this.#epochs.get(link)?.get(`${at.topic}/${at.partition}`) ?? new Map()
  }
  /** What ends all of them of a topic, or of the whole link. */
  endOfEpochs(link: string, topic: string | null = null): StateChange[] {
    return [...(this.#epochs.get(link) ?? [])].flatMap(([place, epochs]) => {
      const slash = place.lastIndexOf('/')
      const at = { topic: place.slice(0, slash), partition: Number(place.slice(slash + 1)) }
      if (topic !== null && at.topic !== topic) return []
      return [...epochs.keys()].map(
        (epoch) => ({ kind: 'epoch', name: link, ...at, epoch, record: null }) as const,
      )
    })
  }
}

function within<K, T>(map: Map<string, Map<K, T>>, name: string): Map<K, T> {
  const found = map.get(name) ?? new Map<K, T>()
  map.set(name, found)
  return found
}

function put<K, T>(map: Map<K, T>, key: K, value: T | null): void {
  if (value === null) map.delete(key)
  else map.set(key, value)
}
