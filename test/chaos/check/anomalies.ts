import type { JournalPart, JournalWriter, ScannedRecord } from '../../harness/java/client.ts'

/** The names are those of Jepsen's checker for Kafka (jepsen.tests.kafka), as far as it has them. */
export const anomalyKinds = [
  /** An acknowledged record is nowhere. */
  'lost-write',
  /** A record of a writer that failed or aborted is visible (G1a). */
  'aborted-read',
  /** Two records at one offset: of the two sides, or of the reader and the writer's acknowledgement. */
  'inconsistent-offsets',
  /** One record at two offsets. */
  'duplicate',
  /** A writer's records of one partition do not lie in the order of its sends. */
  'nonmonotonic-send',
  /** A reader went back. */
  'nonmonotonic-poll',
  /** A part of a transaction is visible and another is not. */
  'torn-transaction',
  /** A record that nobody wrote. */
  'invented',
] as const
export type AnomalyKind = (typeof anomalyKinds)[number]

export type Anomaly = { readonly kind: AnomalyKind; readonly topic: string; readonly evidence: string }

export type Journal = JournalPart & Pick<JournalWriter, 'name' | 'kind' | 'topic' | 'partitions'>

/** What both sides show of one topic, each in the order in which it was read. */
export type Observed = {
  readonly topic: string
  readonly isCompacted: boolean
  readonly source: readonly ScannedRecord[]
  readonly destination: readonly ScannedRecord[]
}

/** Anomalies are listed up to this number a topic; one is enough to fail. */
const ANOMALIES_MAX = 20

/** What is wrong with a stretch of a topic and of its mirror, whoever wrote it. Pure. */
export function differencesOf(observed: Observed): Anomaly[] {
  return collect(observed, (tell) => {
    checkReading('source', observed.source, tell)
    checkReading('destination', observed.destination, tell)
    checkSides(observed, tell)
  })
}

/** Everything that is wrong with a whole topic and its mirror, given what its writers know. Pure. */
export function anomaliesOf(observed: Observed, journals: readonly Journal[]): Anomaly[] {
  return [...differencesOf(observed), ...collect(observed, (tell) => checkWriters(observed, journals, tell))]
}

function collect({ topic }: Observed, check: (tell: Tell) => void): Anomaly[] {
  const found: Anomaly[] = []
  check((kind, evidence) => {
    if (found.length < ANOMALIES_MAX) found.push({ kind, topic, evidence })
  })
  return found
}

function checkWriters(observed: Observed, journals: readonly Journal[], tell: Tell): void {
  const here = journals.filter(({ topic }) => topic === observed.topic)
  for (const [side, records] of [
    ['source', observed.source],
    ['destination', observed.destination],
  ] as const) {
    const seen = Map.groupBy(records, ({ writer }) => writer)
    for (const journal of here) checkWriter(side, journal, seen.get(journal.name) ?? [], observed, tell)
    for (const writer of seen.keys()) {
      if (!here.some(({ name }) => name === writer)) tell('invented', `${side}: records of "${writer}"`)
    }
  }
}

type Tell = (kind: AnomalyKind, evidence: string) => void

/** Offsets only rise. */
function checkReading(side: string, records: readonly ScannedRecord[], tell: Tell): void {
  const last = new Map<number, number>()
  for (const record of records) {
    const before = last.get(record.partition) ?? -1
    if (record.offset <= before)
      tell('nonmonotonic-poll', `${side}: ${nameOf(record)} after offset ${before}`)
    last.set(record.partition, record.offset)
  }
}

/** Both sides show the same at every offset; what a cleaner may have removed may be missing on one of them. */
function checkSides({ isCompacted, source, destination }: Omit<Observed, 'topic'>, tell: Tell): void {
  const there = new Map(source.map((record) => [placeOf(record), record]))
  const here = new Map(destination.map((record) => [placeOf(record), record]))
  for (const [place, record] of there) {
    const copy = here.get(place)
    if (copy === undefined) {
      if (!isCompacted) tell('lost-write', `${nameOf(record)} is not on the destination`)
    } else if (copy.timestamp !== record.timestamp || copy.digest !== record.digest) {
      tell('inconsistent-offsets', `source has ${nameOf(record)}, destination ${nameOf(copy)}`)
    }
  }
  for (const [place, record] of here) {
    if (!there.has(place) && !isCompacted) tell('invented', `${nameOf(record)} is on the destination only`)
  }
  if (isCompacted) checkLatest(source, destination, tell)
}

/** Of each key the latest record survives every cleaning. */
function checkLatest(
  source: readonly ScannedRecord[],
  destination: readonly ScannedRecord[],
  tell: Tell,
): void {
  const latest = (records: readonly ScannedRecord[]) =>
    new Map(records.map((record) => [`${record.partition} ${record.key}`, record]))
  const there = latest(source)
  const here = latest(destination)
  for (const key of new Set([...there.keys(), ...here.keys()])) {
    const [left, right] = [there.get(key), here.get(key)]
    if (left !== undefined && right !== undefined && left.offset === right.offset) continue
    tell('lost-write', `latest of key ${key}: source ${nameOf(left)}, destination ${nameOf(right)}`)
  }
}

/** What one writer knows of its records against what a side shows of them. */
function checkWriter(
  side: string,
  journal: Journal,
  records: readonly ScannedRecord[],
  { isCompacted }: Observed,
  tell: Tell,
): void {
  const { name, kind, outcomes, offsets, partitions } = journal
  const seen = new Map<number, ScannedRecord>()
  const lastId = new Map<number, number>()
  for (const record of records) {
    const { id, partition, offset } = record
    const outcome = outcomes[id]
    if (outcome === undefined || partition !== id % partitions) tell('invented', `${side}: ${nameOf(record)}`)
    if (outcome === 'f') tell('aborted-read', `${side}: ${nameOf(record)}`)
    // A writer without sequences sends again what was not answered: its duplicates are the source's own.
    if (kind !== 'plain') {
      if (seen.has(id)) tell('duplicate', `${side}: ${nameOf(record)} and ${nameOf(seen.get(id))}`)
      const before = lastId.get(partition) ?? -1
      if (id <= before) tell('nonmonotonic-send', `${side}: ${nameOf(record)} after id ${before}`)
      if (outcome === 'a' && offsets[id] !== -1 && offsets[id] !== offset)
        tell('inconsistent-offsets', `${side}: ${nameOf(record)} was acknowledged at ${offsets[id]}`)
    }
    lastId.set(partition, id)
    seen.set(id, record)
  }
  if (!isCompacted) {
    for (let id = 0; id < outcomes.length; id++)
      if (outcomes[id] === 'a' && !seen.has(id)) tell('lost-write', `${side}: ${name} id ${id}`)
    if (kind === 'transactional') checkWhole(side, journal, seen, tell)
  } else checkSurvivors(side, journal, seen, tell)
}

/** The last acknowledged record of each key is there, or one that came after it. */
function checkSurvivors(
  side: string,
  { name, outcomes, partitions }: Journal,
  seen: ReadonlyMap<number, ScannedRecord>,
  tell: Tell,
): void {
  const keys = partitions * KEYS_PER_PARTITION
  for (let key = 0; key < Math.min(keys, outcomes.length); key++) {
    const ids = Array.from({ length: Math.ceil((outcomes.length - key) / keys) }, (_, at) => key + at * keys)
    const last = ids.findLast((id) => outcomes[id] === 'a')
    if (last !== undefined && !ids.some((id) => id >= last && seen.has(id)))
      tell('lost-write', `${side}: ${name} id ${last}, the last of its key`)
  }
}

/** As Journals.java has it. */
const KEYS_PER_PARTITION = 20

/** All records of a transaction with an unknown outcome are there, or none. */
function checkWhole(
  side: string,
  { name, outcomes, transactions }: Journal,
  seen: ReadonlyMap<number, ScannedRecord>,
  tell: Tell,
): void {
  const shown = new Map<number, boolean>()
  for (const [id, transaction] of transactions.entries()) {
    if (outcomes[id] !== 'u') continue
    const isThere = seen.has(id)
    if ((shown.get(transaction) ?? isThere) !== isThere)
      tell('torn-transaction', `${side}: ${name} transaction ${transaction}, id ${id}`)
    shown.set(transaction, isThere)
  }
}

function placeOf({ partition, offset }: ScannedRecord): string {
  return `${partition}@${offset}`
}

function nameOf(record: ScannedRecord | undefined): string {
  if (record === undefined) return 'nothing'
  return `${record.writer} id ${record.id} at ${placeOf(record)} (${record.timestamp} ${record.digest})`
}
