import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { NEWEST, startClusters } from '../harness/clusters.ts'
import { consoleTools, verifiableProducer } from '../harness/drivers/kafka-tools.ts'
import { kafkajs } from '../harness/drivers/kafkajs.ts'
import { kcat } from '../harness/drivers/kcat.ts'
import { platformatic } from '../harness/drivers/platformatic.ts'
import type { Reader, Writer } from '../harness/drivers/reader.ts'
import { JavaClient } from '../harness/java/client.ts'
import {
  assertSameRecords,
  bytesOf,
  type Codec,
  codecs,
  inOrder,
  type NewRecord,
  type SeenRecord,
  textOf,
} from '../harness/records.ts'
import { need } from '../kit/need.ts'

/** Every other real test rests on what foreign clients say; here they are shown to say the same of the same records. */

const { clusters, stop } = await startClusters({ one: { kafka: NEWEST } })
const java = await JavaClient.start()
after(async () => {
  await java.close()
  await stop()
})
const { access } = clusters.one
const noKcat = await need('kcat')
const tools = consoleTools(NEWEST)

/** Texts, since kcat's and the console's forms have no place for other bytes. */
const texts: readonly NewRecord[] = [
  { partition: 0, key: bytesOf('k1'), value: bytesOf('first'), headers: [['a', bytesOf('1')]] },
  { partition: 0, key: bytesOf('k2'), value: bytesOf('zweite äöü 둘'), headers: [['a', bytesOf('1')]] },
  { partition: 0, key: bytesOf('k1'), value: null, headers: [['a', bytesOf('1')]] },
  { partition: 0, key: bytesOf('k3'), value: bytesOf('x'.repeat(5_000)), headers: [['b', bytesOf('two')]] },
]

/** A topic with one writing of `texts` for each of the codecs. */
async function written(writer: Writer, of: readonly Codec[]): Promise<{ topic: string; count: number }> {
  const topic = `${writer.name.replace(/[^a-z]/g, '')}-${of.join('-')}`
  await java.createTopics(access, [{ name: topic, partitions: 1 }])
  for (const codec of of) await writer.write(access, topic, texts, codec)
  return { topic, count: texts.length * of.length }
}

function contentOf(records: readonly (SeenRecord | NewRecord)[]): unknown[] {
  return records.map(({ key, value, headers }) => [textOf(key ?? null), textOf(value ?? null), headers])
}

async function assertRead(reader: Reader, topic: string, expected: readonly SeenRecord[]): Promise<void> {
  const seen = await reader.read(access, topic, { atLeast: expected.length })
  assertSameRecords(`${topic}: Kafka's Java client and ${reader.name}`, expected, seen)
}

describe('what one client wrote, all others read alike', () => {
  const cases: { writer: Writer; readers: Reader[]; skip: string | false }[] = [
    { writer: kcat, readers: [kcat, kafkajs, platformatic], skip: noKcat },
    { writer: kafkajs, readers: [kafkajs, platformatic], skip: false },
    { writer: platformatic, readers: [kafkajs, platformatic], skip: false },
    { writer: { ...tools, codecs: ['gzip'] }, readers: [platformatic, tools], skip: false },
  ]
  for (const { writer, readers, skip } of cases) {
    test(writer.name, { skip }, async () => {
      const simple = writer.codecs.filter((codec) => kafkajs.codecs.includes(codec))
      const others = writer.codecs.filter((codec) => !simple.includes(codec))
      for (const used of [simple, others].filter((list) => list.length > 0)) {
        const { topic, count } = await written(writer, used)
        const expected = inOrder(await java.read(access, topic))
        assert.deepEqual(contentOf(expected), contentOf(used.flatMap(() => texts)))
        assert.equal(expected.length, count)
        const able = readers.filter((reader) => used.every((codec) => reader.codecs.includes(codec)))
        const withKcat = skip === false && noKcat === false && !able.includes(kcat) ? [...able, kcat] : able
        await Promise.all(withKcat.map((reader) => assertRead(reader, topic, expected)))
      }
    })
  }

  test("Kafka's Java client: every codec, null and empty headers, keys and values, bytes that are no text", async () => {
    // Some of the timestamps are years old: the usual retention would delete them.
    const configs = { 'retention.ms': '-1' }
    await java.createTopics(access, [{ name: 'java', partitions: 2, configs }])
    const odd: NewRecord[] = [
      { partition: 0, timestamp: 1_700_000_000_000, key: null, value: bytesOf('no key') },
      { partition: 1, timestamp: 1_600_000_000_001, key: '', value: '' },
      {
        partition: 0,
        key: bytesOf('k'),
        value: null,
        headers: [
          ['nothing', null],
          ['empty', ''],
        ],
      },
      {
        partition: 1,
        key: bytesOf('k'),
        value: bytesOf('v'),
        headers: [
          ['twice', bytesOf('1')],
          ['twice', ''],
        ],
      },
      { partition: 0, key: '/wD+', value: 'gICA', headers: [['bytes', '//8=']] },
    ]
    for (const codec of codecs) await java.produce(access, 'java', odd, { codec })
    const records = await java.read(access, 'java')
    const byPartition = (partition: number) => odd.filter((record) => record.partition === partition)
    for (const partition of [0, 1]) {
      const seen = inOrder(records).filter((record) => record.partition === partition)
      const wanted = codecs
        .flatMap(() => byPartition(partition))
        .map((record) => ({ headers: [], ...record }))
      assert.deepEqual(contentOf(seen), contentOf(wanted))
    }
    assert.equal(
      records.find(({ timestamp }) => timestamp === 1_700_000_000_000)?.timestampType,
      'CreateTime',
    )
    await assertRead(platformatic, 'java', records)
  })
})

describe('at read_committed all see the same', () => {
  test('committed and aborted transactions among plain records', async () => {
    await java.createTopics(access, [{ name: 'transactions', partitions: 1 }])
    await java.open(access, 'plain')
    await java.open(access, 'transactional', { transactionalId: 'agree', codec: 'gzip' })
    for (let round = 0; round < 10; round++) {
      await java.transaction('transactional', 'begin')
      await java.send('transactional', 'transactions', numbered('t', round, 3))
      await java.send('plain', 'transactions', numbered('p', round, 2))
      await java.transaction('transactional', round % 3 === 0 ? 'abort' : 'commit')
    }
    const records = await java.read(access, 'transactions')
    assert.equal(records.length, 6 * 3 + 10 * 2)
    assert.equal((await java.read(access, 'transactions', 'read_uncommitted')).length, 10 * 5)
    const readers = (noKcat === false ? [kcat, kafkajs, tools] : [kafkajs, tools]).filter(
      ({ filtersAborted }) => filtersAborted,
    )
    await Promise.all(readers.map((reader) => assertRead(reader, 'transactions', records)))
  })

  test('an open transaction hides what stands behind it until it ends', async () => {
    await java.createTopics(access, [{ name: 'open', partitions: 1 }])
    await java.transaction('transactional', 'begin')
    await java.send('transactional', 'open', numbered('t', 0, 1))
    await java.send('plain', 'open', numbered('p', 0, 1))
    assert.equal((await java.read(access, 'open')).length, 0)
    assert.equal((await kcat.read(access, 'open', { atLeast: 0 })).length, 0)
    await java.transaction('transactional', 'commit')
    assert.equal((await java.read(access, 'open')).length, 2)
  })
})

test('timestamps that the broker gives are told as such', async () => {
  const configs = { 'message.timestamp.type': 'LogAppendTime' }
  await java.createTopics(access, [{ name: 'append-time', partitions: 1, configs }])
  await java.produce(access, 'append-time', texts, { codec: 'lz4' })
  const records = await java.read(access, 'append-time')
  assert.ok(records.every(({ timestampType }) => timestampType === 'LogAppendTime'))
  const readers = noKcat === false ? [kcat, tools] : [tools]
  await Promise.all(readers.map((reader) => assertRead(reader, 'append-time', records)))
})

test('kafka-verifiable-producer and kafkajs agree on what was acknowledged', async () => {
  await java.createTopics(access, [{ name: 'verifiable', partitions: 1 }])
  const acknowledged = await verifiableProducer(NEWEST, access, 'verifiable', { count: 200, prefix: 7 })
  assert.equal(acknowledged, 200)
  const seen = await kafkajs.read(access, 'verifiable', { atLeast: 200 })
  assert.deepEqual(
    seen.map(({ value }) => textOf(value)),
    Array.from({ length: 200 }, (_, index) => `7.${index}`),
  )
})

describe('the comparison itself finds every difference', () => {
  const record: SeenRecord = {
    partition: 0,
    offset: 5,
    timestamp: 1,
    timestampType: 'CreateTime',
    key: bytesOf('k'),
    value: bytesOf('v'.repeat(100)),
    headers: [
      ['a', null],
      ['b', ''],
    ],
  }
  const others: Record<string, SeenRecord[]> = {
    'a lost record': [],
    'a record twice': [record, record],
    'another partition': [{ ...record, partition: 1 }],
    'another offset': [{ ...record, offset: 6 }],
    'another time': [{ ...record, timestamp: 2 }],
    'another type of time': [{ ...record, timestampType: 'LogAppendTime' }],
    'another key': [{ ...record, key: bytesOf('K') }],
    'no key instead of an empty one': [{ ...record, key: null }],
    'another long value': [{ ...record, value: bytesOf(`${'v'.repeat(99)}w`) }],
    'headers in another order': [{ ...record, headers: [...record.headers].reverse() }],
    'an empty header instead of none': [{ ...record, headers: [['a', ''], record.headers[1]!] }],
  }
  for (const [name, other] of Object.entries(others)) {
    test(name, () => {
      assertSameRecords('the same', [record], [{ ...record }])
      assert.throws(() => assertSameRecords(name, [record], other), /first difference/)
    })
  }
})

function numbered(name: string, round: number, count: number): NewRecord[] {
  return Array.from({ length: count }, (_, index) => ({
    partition: 0,
    key: bytesOf(`${name}-${round}`),
    value: bytesOf(`${name}-${round}-${index}`),
  }))
}
