import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import {
  decodeRequestHeader,
  decodeResponseFrame,
  encodeRequestFrame,
  encodeResponseFrame,
} from '../../src/wire/api.ts'
import { type AnyApi, apiByKey } from '../../src/wire/apis/index.ts'
import { buildBatch } from '../../src/wire/batch/build.ts'
import {
  type Batch,
  codecOf,
  isControl,
  isLogAppendTime,
  isTransactional,
  iterateBatches,
  verifyCrc,
} from '../../src/wire/batch/header.ts'
import { readControlRecord, readRecords } from '../../src/wire/batch/records.ts'
import type { GoldenLine } from './capture/collector.ts'
import { batchLine, recordLines } from './dump-lines.ts'

// Bytes that real clients and brokers exchanged and stored; capture/main.ts makes them anew.
const here = new URL('./', import.meta.url)
const releases = readdirSync(here).filter((name) => name.startsWith('kafka-'))
/** What one release must at least contribute, so that an empty capture cannot pass. */
const EXCHANGES_MIN = 300

function exchangesOf(release: string): GoldenLine[] {
  const text = readFileSync(new URL(`${release}/exchanges.jsonl`, here), 'utf8')
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as GoldenLine)
}

function batchesOf(release: string, partition: string): Batch[] {
  return [...iterateBatches(readFileSync(new URL(`${release}/logs/${partition}.bin`, here)))]
}

test('both releases are there', () => assert.deepEqual(releases.sort(), ['kafka-3.9.2', 'kafka-4.3.1']))

for (const release of releases) {
  test(`${release}: every request and response is read and written again byte for byte`, async () => {
    const exchanges = exchangesOf(release)
    assert.ok(exchanges.length >= EXCHANGES_MIN, `${exchanges.length} exchanges`)
    for (const { api: name, version, from, request, response } of exchanges) {
      const what = `${name} v${version} from ${from}`
      const header = decodeRequestHeader(Buffer.from(request, 'hex'))
      const api = (await apiByKey(header.apiKey))!
      assert.deepEqual([api.name, header.apiVersion], [name, version])
      assert.equal(requestAgain(api, Buffer.from(request, 'hex')), request, `request ${what}`)
      assert.equal(responseAgain(api, version, Buffer.from(response, 'hex')), response, `response ${what}`)
    }
  })

  for (const partition of ['codecs-0', 'txn-0', 'append-time-0']) {
    test(`${release}: the log of ${partition} reads as Kafka’s own tool reads it`, () => {
      const lines = batchesOf(release, partition).flatMap((batch) => [
        batchLine(batch),
        ...recordLines(batch),
      ])
      assert.deepEqual(lines, dumpOf(release, partition))
    })

    test(`${release}: the log of ${partition} is written again with the same bytes`, () => {
      for (const batch of batchesOf(release, partition)) assertSameBatch(batch)
    })
  }

  test(`${release}: the metadata log begins with a leader change`, () => {
    const batches = batchesOf(release, '__cluster_metadata-0')
    const dump = dumpOf(release, '__cluster_metadata-0')
    assert.deepEqual(batches.slice(0, dump.length).map(batchLine), dump)
    assert.deepEqual(readControlRecord(batches[0]!.bytes), { type: 'LEADER_CHANGE', coordinatorEpoch: null })
  })

  test(`${release}: all codecs, both markers, headers and nulls are among the records`, () => {
    const data = batchesOf(release, 'codecs-0').filter(({ header }) => !isControl(header))
    assert.deepEqual(new Set(data.map(({ header }) => codecOf(header))), new Set([0, 1, 2, 3, 4]))
    const markers = batchesOf(release, 'txn-0').filter(({ header }) => isControl(header))
    const types = markers.map(({ bytes }) => readControlRecord(bytes).type)
    assert.ok(types.includes('COMMIT') && types.includes('ABORT'))
    const records = data.flatMap(({ bytes }) => [...readRecords(bytes)])
    assert.ok(records.some(({ key }) => key === null))
    assert.ok(records.some(({ value }) => value === null))
    assert.ok(records.some(({ headers }) => headers.some(({ value }) => value === null)))
  })
}

function requestAgain(api: AnyApi, frame: Buffer): string {
  const { apiVersion, correlationId, clientId, bodyAt } = decodeRequestHeader(frame)
  const body = api.request.decode(apiVersion, frame.subarray(bodyAt))
  return hexOf(encodeRequestFrame(api, apiVersion, { correlationId, clientId }, body))
}

function responseAgain(api: AnyApi, version: number, frame: Buffer): string {
  const { correlationId, body } = decodeResponseFrame(api, version, frame)
  return hexOf(encodeResponseFrame(api, version, correlationId, body))
}

function hexOf(chunks: readonly Buffer[]): string {
  return Buffer.concat(chunks).toString('hex').slice(8)
}

function dumpOf(release: string, partition: string): string[] {
  const text = readFileSync(new URL(`${release}/logs/${partition}.txt`, here), 'utf8')
  return text
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => line.replace(/ position: \d+/, ''))
}

/** Rebuilding an uncompressed batch gives its bytes; a compressed one gives the same records. */
function assertSameBatch({ header, bytes }: Batch): void {
  const records = [...readRecords(bytes)]
  const codec = codecOf(header)
  const { baseOffset, partitionLeaderEpoch, producerId, producerEpoch, baseSequence } = header
  const again = buildBatch({
    ...{ records, codec, baseOffset, partitionLeaderEpoch, producerId, producerEpoch, baseSequence },
    transactional: isTransactional(header),
    control: isControl(header),
    timestampType: isLogAppendTime(header) ? 'LogAppendTime' : 'CreateTime',
  })
  assert.ok(verifyCrc(again))
  assert.deepEqual([...readRecords(again)], records)
  // Java keeps the deltas of the producer under LogAppendTime; kmc writes the append time itself.
  if (codec === 0 && !isLogAppendTime(header)) assert.deepEqual(again, bytes)
}
