import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { arbitraryMessage } from '../../test/kit/arbitrary-messages.ts'
import { arbitraryRecords } from '../../test/kit/arbitrary-records.ts'
import { fuzz } from '../../test/kit/fuzz/run.ts'
import { KmcError } from '../base/error.ts'
import { decodeRequestHeader, encodeRequestFrame } from './api.ts'
import { type AnyApi, apiList } from './apis/index.ts'
import { buildBatch } from './batch/build.ts'
import { encodeMarker } from './batch/control.ts'
import { isControl, iterateBatches, rewriteBatchHeader, verifyCrc } from './batch/header.ts'
import { readControlRecord, readRecords } from './batch/records.ts'
import { compress, decompress } from './compression/codec.ts'
import { wireErrors } from './errors.ts'

const CODECS = [0, 1, 2, 3, 4]
const MIB = 1024 * 1024
const LIMIT = { maxBytes: MIB }

type Message = { readonly decode: (bytes: Buffer) => unknown; readonly bytes: Buffer; readonly what: string }

const apis: AnyApi[] = []
for (const info of apiList) apis.push(await info.load())

/** A message of every API, version and direction, with what reads it. */
function sampleMessages(versionsOf: (api: AnyApi) => readonly number[]): Message[] {
  return apis.flatMap((api) =>
    versionsOf(api).flatMap((version) =>
      [api.request, api.response].map((codec) => {
        const [sample] = fc.sample(arbitraryMessage(codec.table, version), { numRuns: 1, seed: version })
        const bytes = Buffer.concat(codec.encode(version, sample!))
        return {
          decode: (input: Buffer) => codec.decode(version, input),
          bytes,
          what: `${codec.table.name} v${version}`,
        }
      }),
    ),
  )
}

const allVersions = ({ versions: { min, max } }: AnyApi) =>
  Array.from({ length: max - min + 1 }, (_, i) => min + i)

test('damaged messages of every API and version end in typed errors', (context) => {
  const messages = sampleMessages(allVersions)
  const corpus = messages.map(({ bytes }) => bytes)
  fuzz(context, { corpus, consume: (bytes, index) => void messages[index]!.decode(bytes) }, wireErrors)
})

test('damaged request headers end in typed errors', (context) => {
  const corpus = apis.flatMap((api) =>
    allVersions(api).map((version) =>
      Buffer.concat(encodeRequestFrame(api, version, { correlationId: 1, clientId: 'kmc' }, {})).subarray(4),
    ),
  )
  fuzz(context, { corpus, consume: (bytes) => void decodeRequestHeader(bytes) }, wireErrors)
})

function sampleBatches(): Buffer[] {
  const samples = fc.sample(arbitraryRecords(), { numRuns: 8, seed: 1 })
  const data = CODECS.flatMap((codec) =>
    samples.map((records) => buildBatch({ records, codec, transactional: true })),
  )
  const markers = (['ABORT', 'COMMIT'] as const).map((type) =>
    buildBatch({ records: [{ timestamp: 1, ...encodeMarker(type, 3) }], control: true, transactional: true }),
  )
  return [...data, ...markers]
}

test('damaged batches end in typed errors', (context) => {
  const batches = sampleBatches()
  const corpus = [...batches, Buffer.concat(batches)]
  const consume = (bytes: Buffer) => {
    for (const batch of iterateBatches(bytes)) {
      verifyCrc(batch.bytes)
      if (isControl(batch.header)) readControlRecord(batch.bytes)
      for (const record of readRecords(batch.bytes, LIMIT)) assert.ok(record.body.length > 0)
      rewriteBatchHeader(batch.bytes, { producerId: 1, producerEpoch: 1, baseSequence: 1 })
    }
  }
  fuzz(context, { corpus, consume }, wireErrors)
})

test('damaged compressed bytes end in typed errors, within the limit', (context) => {
  const plain = [
    Buffer.alloc(5000, 'compressible '),
    Buffer.alloc(2 * MIB),
    Buffer.from([...Array(300).keys()]),
  ]
  const packed = CODECS.slice(1).flatMap((codec) =>
    plain.map((bytes) => ({ codec, bytes: compress(codec, bytes) })),
  )
  const consume = (bytes: Buffer, index: number) => {
    assert.ok(decompress(packed[index]!.codec, bytes, LIMIT).length <= LIMIT.maxBytes)
  }
  fuzz(context, { corpus: packed.map(({ bytes }) => bytes), consume }, wireErrors)
})

test('a length or count of 2^31-1 anywhere costs nearly no memory', () => {
  const huge = ['7fffffff', 'ffffffff07', 'ffffffff0f'].map((hex) => Buffer.from(hex, 'hex'))
  const newest = sampleMessages(({ versions }) => [versions.max]).filter(({ bytes }) => bytes.length <= 1024)
  const oldest = sampleMessages(({ versions }) => [versions.min]).filter(({ bytes }) => bytes.length <= 1024)
  let tried = 0
  for (const { decode, bytes, what } of [...newest, ...oldest]) {
    for (let at = 0; at < bytes.length; at++) {
      for (const pattern of huge) {
        const input = Buffer.from(bytes)
        pattern.copy(input, at)
        const before = process.memoryUsage()
        try {
          decode(input)
        } catch (error) {
          assert.ok(error instanceof KmcError && error.code in wireErrors, `${what}: ${String(error)}`)
        }
        const after = process.memoryUsage()
        const grown = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers
        assert.ok(grown < MIB, `${what}, byte ${at}: ${grown} bytes`)
        tried++
      }
    }
  }
  assert.ok(tried > 10_000, `${tried} inputs`)
})
