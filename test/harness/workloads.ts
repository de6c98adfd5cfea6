import type { Access } from './access.ts'
import type { JavaClient } from './java/client.ts'
import { bytesOf, codecs, type NewRecord } from './records.ts'
import { waitUntil } from './wait.ts'

/** A topic of the comparison and what it is filled with. */
export type Workload = {
  readonly topic: string
  readonly promise: string
  readonly fill: (java: JavaClient, access: Access) => Promise<void>
}

const MIB = 1024 * 1024
const LATE_START = 1_000_000
const COMPACT_MS = 45_000

/** Thousands of small records on several partitions. */
async function fillPlain(java: JavaClient, access: Access): Promise<void> {
  await java.createTopics(access, [{ name: 'plain', partitions: 4 }])
  const records = numbered('plain', 2_000).map((record, index) => ({ ...record, partition: index % 4 }))
  await java.produce(access, 'plain', records, { codec: 'lz4' })
}

/** Every codec, with headers that hold a value, nothing and an empty value, null keys, tombstones, empty values. */
async function fillEveryCodec(java: JavaClient, access: Access): Promise<void> {
  // Timestamps of years ago: a broker with the usual retention would delete them.
  const configs = { 'retention.ms': '-1' }
  await java.createTopics(access, [{ name: 'every-codec', partitions: 2, configs }])
  for (const codec of codecs) {
    const records = Array.from({ length: 90 }, (_, index) => odd(codec, index))
    await java.produce(access, 'every-codec', records, { codec, flushEvery: 13 })
  }
}

function odd(codec: string, index: number): NewRecord {
  const text = `${codec} ${index} `.repeat(1 + (index % 17))
  const value = index % 7 === 3 ? null : index % 11 === 5 ? '' : bytesOf(text)
  const key = index % 5 === 0 ? null : index % 13 === 1 ? '' : bytesOf(`key-${index % 20}`)
  const headers =
    index % 3 === 0
      ? ([
          ['value', bytesOf(`h${index}`)],
          ['null', null],
          ['empty', ''],
          ['bytes', '//79AAE='],
        ] as const)
      : []
  return { partition: index % 2, timestamp: 1_700_000_000_000 + index * 1_001, key, value, headers }
}

/** Records of exactly 1 MiB that no codec makes smaller, and some that shrink to nothing. */
async function fillLarge(java: JavaClient, access: Access): Promise<void> {
  const configs = { 'max.message.bytes': String(2 * MIB) }
  await java.createTopics(access, [{ name: 'large', partitions: 1, configs }])
  const noise = Buffer.alloc(MIB)
  for (let at = 0, state = 1; at < MIB; at++) {
    // A linear congruential generator (Numerical Recipes): the same bytes in every run, and not compressible.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    noise[at] = state >>> 24
  }
  const records = [noise, Buffer.alloc(MIB, 'a'), noise].map((value, index) => ({
    partition: 0,
    key: bytesOf(`large-${index}`),
    value: value.toString('base64'),
  }))
  await java.produce(access, 'large', records, { codec: 'none', flushEvery: 1 })
  await java.produce(access, 'large', records, { codec: 'zstd', flushEvery: 1 })
}

/**
 * Two transactional producers (codecs that every client knows) of which one aborts three of ten transactions, among
 * records of a plain one.
 */
async function fillTransactions(java: JavaClient, access: Access): Promise<void> {
  await java.createTopics(access, [{ name: 'transactions', partitions: 2 }])
  const name = (producer: string) => `transactions-${access.name}-${producer}`
  await java.open(access, name('one'), { transactionalId: name('one'), codec: 'gzip' })
  await java.open(access, name('two'), { transactionalId: name('two') })
  await java.open(access, name('plain'))
  for (let round = 0; round < 30; round++) {
    const some = (who: string, count: number) => numbered(`${who}-${round}`, count, 2)
    await java.transaction(name('one'), 'begin')
    await java.transaction(name('two'), 'begin')
    await java.send(name('one'), 'transactions', some('one', 1 + (round % 9)))
    await java.send(name('plain'), 'transactions', some('plain', 2))
    await java.send(name('two'), 'transactions', some('two', 1 + (round % 4)))
    await java.transaction(name('one'), round % 10 < 3 ? 'abort' : 'commit')
    await java.send(name('plain'), 'transactions', some('plain-again', 1))
    await java.transaction(name('two'), round % 3 === 1 ? 'abort' : 'commit')
  }
  for (const producer of ['one', 'two', 'plain']) await java.closeProducer(name(producer))
}

/** A compacted topic after a real run of the cleaner, which then is frozen so that both sides can be compared. */
async function fillCompacted(java: JavaClient, access: Access): Promise<void> {
  const configs = {
    'cleanup.policy': 'compact',
    'segment.ms': '400',
    'min.cleanable.dirty.ratio': '0.01',
    'min.compaction.lag.ms': '0',
  }
  await java.createTopics(access, [{ name: 'compacted', partitions: 1, configs }])
  const records = Array.from({ length: 3_000 }, (_, index) => ({
    partition: 0,
    key: bytesOf(index % 3 === 0 ? `cold-${index % 900}` : `hot-${index % 12}`),
    value: index % 37 === 0 ? null : bytesOf(`value-${index}`),
  }))
  await java.produce(access, 'compacted', records, { codec: 'snappy', batchBytes: 2_000, flushEvery: 60 })
  const last = [{ partition: 0, key: bytesOf('last'), value: bytesOf('rolls the segment') }]
  const isCleaned = async () => {
    await java.produce(access, 'compacted', last)
    return (await java.read(access, 'compacted')).length < 1_000
  }
  await waitUntil('the cleaner has compacted', isCleaned, { withinMs: COMPACT_MS, everyMs: 700 })
  const frozen = {
    'min.cleanable.dirty.ratio': '1',
    'min.compaction.lag.ms': String(2 ** 53 - 1),
    'segment.ms': '604800000',
  }
  await java.setConfigs(access, 'compacted', frozen)
  await java.produce(access, 'compacted', numbered('after', 100), { codec: 'gzip' })
}

/** A topic whose first million offsets are gone. */
async function fillLateStart(java: JavaClient, access: Access): Promise<void> {
  await java.createTopics(access, [{ name: 'late-start', partitions: 2 }])
  await java.fill(access, 'late-start', 0, LATE_START)
  await java.deleteRecords(access, 'late-start', { 0: LATE_START })
  const records = numbered('late', 400, 2)
  await java.produce(access, 'late-start', records, { codec: 'gzip' })
}

/** Timestamps of the broker instead of the producer. */
async function fillAppendTime(java: JavaClient, access: Access): Promise<void> {
  const configs = { 'message.timestamp.type': 'LogAppendTime' }
  await java.createTopics(access, [{ name: 'append-time', partitions: 1, configs }])
  await java.produce(access, 'append-time', numbered('lz4', 200), { codec: 'lz4', flushEvery: 50 })
  await java.produce(access, 'append-time', numbered('none', 100), { flushEvery: 20 })
}

/** `count` records with values of their own, in turn on `partitions` partitions. */
export function numbered(name: string, count: number, partitions = 1): NewRecord[] {
  return Array.from({ length: count }, (_, index) => ({
    partition: index % partitions,
    key: bytesOf(`${name}-key-${index % 50}`),
    value: bytesOf(`${name}-${index} ${'.'.repeat(index % 200)}`),
  }))
}

/** Everything that a mirror must bring over unchanged. */
export const workloads: readonly Workload[] = [
  { topic: 'plain', promise: 'plain records', fill: fillPlain },
  {
    topic: 'every-codec',
    promise: 'every codec, headers, null keys, tombstones, empty values',
    fill: fillEveryCodec,
  },
  { topic: 'large', promise: 'records of 1 MiB', fill: fillLarge },
  {
    topic: 'transactions',
    promise: 'transactions, three of ten aborted, among plain records',
    fill: fillTransactions,
  },
  { topic: 'compacted', promise: 'a compacted topic with holes', fill: fillCompacted },
  { topic: 'late-start', promise: 'a topic that starts at offset 1,000,000', fill: fillLateStart },
  { topic: 'append-time', promise: 'timestamps that the source broker gave', fill: fillAppendTime },
]
