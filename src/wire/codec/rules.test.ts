import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertCode } from '../../../test/kit/assert-code.ts'
import { Produce } from '../apis/000-produce.ts'
import { Fetch } from '../apis/001-fetch.ts'
import { ListOffsets } from '../apis/002-list-offsets.ts'
import { Metadata } from '../apis/003-metadata.ts'
import { ApiVersions } from '../apis/018-api-versions.ts'
import { ConsumerGroupHeartbeat } from '../apis/068-consumer-group-heartbeat.ts'
import { messageCodec } from './message.ts'
import { INT64_MAX, Reader } from './reader.ts'
import { inRange } from './schema.ts'
import { Writer } from './writer.ts'

test('what a version cannot carry is refused, unless the schema lets it be dropped', () => {
  // forgottenTopicsData came with v7 and is not ignorable; rackId came with v11 and is.
  assertCode('WIRE_FIELD_NOT_IN_VERSION', () =>
    Fetch.request.encode(6, { forgottenTopicsData: [{ topic: 'a' }] }),
  )
  assert.deepEqual(Fetch.request.encode(6, { forgottenTopicsData: [] }), Fetch.request.encode(6, {}))
  assert.deepEqual(Fetch.request.encode(6, { rackId: 'r' }), Fetch.request.encode(6, {}))
})

test('left-out fields take the defaults of the schema', () => {
  const request = Fetch.request.decode(
    12,
    Buffer.concat(Fetch.request.encode(12, { topics: [{ topic: 't' }] })),
  )
  assert.equal(request.maxBytes, 0x7fffffff)
  assert.equal(request.sessionEpoch, -1)
  assert.equal(request.clusterId, null)
  assert.deepEqual(request.topics, [{ topic: 't', topicId: 'AAAAAAAAAAAAAAAAAAAAAA', partitions: [] }])
})

test('a decoded default can be changed without changing the next one', () => {
  const bytes = Buffer.concat(Fetch.response.encode(12, { responses: [{ partitions: [{}] }] }))
  const first = Fetch.response.decode(12, bytes)
  first.nodeEndpoints.push({ nodeId: 1, host: 'h', port: 1, rack: null })
  first.responses[0]!.partitions[0]!.currentLeader.leaderId = 7
  const second = Fetch.response.decode(12, bytes)
  assert.deepEqual(second.nodeEndpoints, [])
  assert.equal(second.responses[0]!.partitions[0]!.currentLeader.leaderId, -1)
})

test('Long.MAX_VALUE as a tagged default is neither written nor lost', () => {
  const topics = [{ topicId: 'b8tRS7h4TJ2Vt43Dp85v2A', partitions: [{ highWatermark: INT64_MAX }] }]
  const bytes = Buffer.concat(Fetch.request.encode(18, { topics }))
  const without = Buffer.concat(Fetch.request.encode(18, { topics: [{ ...topics[0]!, partitions: [{}] }] }))
  assert.deepEqual(bytes, without)
  assert.equal(Fetch.request.decode(18, bytes).topics[0]!.partitions[0]!.highWatermark, INT64_MAX)
})

test('records go out by reference and come in as views', () => {
  const first = Buffer.from('one')
  const second = Buffer.from('two')
  const topicData = [{ name: 't', partitionData: [{ index: 0, records: [first, second] }] }]
  const chunks = Produce.request.encode(9, { topicData })
  assert.ok(chunks.includes(first))
  assert.ok(chunks.includes(second))
  const bytes = Buffer.concat(chunks)
  const records = Produce.request.decode(9, bytes).topicData[0]!.partitionData[0]!.records!
  assert.equal(records.toString(), 'onetwo')
  assert.equal(records.buffer, bytes.buffer)
})

test('null is refused where the version does not allow it', () => {
  assertCode('WIRE_VALUE_OUT_OF_RANGE', () => Metadata.request.encode(0, { topics: null }))
  assert.equal(
    Metadata.request.decode(1, Buffer.concat(Metadata.request.encode(1, { topics: null }))).topics,
    null,
  )
  assertCode('WIRE_UNEXPECTED_NULL', () => Metadata.request.decode(0, Buffer.from('ffffffff', 'hex')))
})

test('a nullable struct stands behind one byte', () => {
  const empty = Buffer.concat(ConsumerGroupHeartbeat.response.encode(0, {}))
  assert.equal(ConsumerGroupHeartbeat.response.decode(0, empty).assignment, null)
  const assigned = Buffer.concat(
    ConsumerGroupHeartbeat.response.encode(0, { assignment: { topicPartitions: [] } }),
  )
  assert.deepEqual(ConsumerGroupHeartbeat.response.decode(0, assigned).assignment, { topicPartitions: [] })
  assert.equal(assigned.length, empty.length + 2)
})

test('values that do not fit their type are refused, never cut', () => {
  const encode = (maxWaitMs: number) => () => Fetch.request.encode(4, { maxWaitMs })
  for (const value of [2 ** 31, -(2 ** 31) - 1, 1.5, Number.NaN])
    assertCode('WIRE_VALUE_OUT_OF_RANGE', encode(value))
  const seek = (timestamp: number) => () =>
    ListOffsets.request.encode(1, { topics: [{ partitions: [{ timestamp }] }] })
  for (const value of [2 ** 53, -(2 ** 60), 0.5]) assertCode('WIRE_VALUE_OUT_OF_RANGE', seek(value))
  assertCode('WIRE_VALUE_OUT_OF_RANGE', () =>
    Metadata.request.encode(10, { topics: [{ topicId: 'too short' }] }),
  )
  assertCode('WIRE_VALUE_OUT_OF_RANGE', () => Fetch.request.encode(11, { rackId: 'x'.repeat(32768) }))
})

test('64-bit numbers beyond 2^53 are an error, not a rounded value', () => {
  const read = (hex: string) => new Reader(Buffer.from(hex, 'hex'), 'test').int64()
  assert.equal(read('001fffffffffffff'), Number.MAX_SAFE_INTEGER)
  assert.equal(read('ffe0000000000001'), Number.MIN_SAFE_INTEGER)
  assert.equal(read('7fffffffffffffff'), 2 ** 63)
  assert.equal(read('8000000000000000'), -(2 ** 63))
  for (const hex of ['0020000000000000', 'ffe0000000000000', '7ffffffffffffffe', '8000000000000001']) {
    assertCode('WIRE_INT64_UNSAFE', () => read(hex))
  }
})

test('too little and too much are errors', () => {
  const bytes = Buffer.concat(ApiVersions.request.encode(3, { clientSoftwareName: 'kmc' }))
  for (let size = 0; size < bytes.length; size++) {
    assert.throws(() => ApiVersions.request.decode(3, bytes.subarray(0, size)), /WIRE_|wanted|left/)
  }
  assertCode('WIRE_TRAILING_BYTES', () =>
    ApiVersions.request.decode(3, Buffer.concat([bytes, Buffer.alloc(1)])),
  )
})

test('versions that nobody speaks are refused in both directions', () => {
  for (const version of [-1, 19, 3.5]) {
    assertCode('WIRE_UNSUPPORTED_VERSION', () => Fetch.request.encode(version, {}))
    assertCode('WIRE_UNSUPPORTED_VERSION', () => Fetch.response.decode(version, Buffer.alloc(0)))
  }
})

test('a tagged field must fill exactly what its size says', () => {
  // Fetch v12 request: the tag section at the end holds tag 0 (clusterId) with one byte too many.
  const bytes = Buffer.concat(Fetch.request.encode(12, {}))
  const broken = Buffer.concat([bytes.subarray(0, -1), Buffer.from([1, 0, 3, 2, 0x61, 0])])
  assertCode('WIRE_TRAILING_BYTES', () => Fetch.request.decode(12, broken))
})

test('varints of more than 32 bits are refused', () => {
  assert.equal(new Reader(Buffer.from('ffffffff0f', 'hex'), 'test').uvarint(), 0xffffffff)
  assertCode('WIRE_VARINT_OVERLONG', () => new Reader(Buffer.from('ffffffff1f', 'hex'), 'test').uvarint())
  assertCode('WIRE_VARINT_OVERLONG', () => new Reader(Buffer.from('8080808080', 'hex'), 'test').uvarint())
})

test('every width of text and every number is written right where a chunk ends', () => {
  const fields = [
    { name: 'a', type: '[]string', versions: '0+' },
    { name: 'b', type: '[]int64', versions: '0+' },
    { name: 'c', type: 'float64', versions: '0+' },
    { name: 'd', type: 'uint16', versions: '0+' },
  ]
  type Mixed = { a: string[]; b: number[]; c: number; d: number }
  const make = () => ({ a: [], b: [], c: 0, d: 0 })
  const codec = messageCodec<Mixed>({ name: 'Mixed', min: 0, max: 1, flexibleFrom: 1, make, fields })
  for (let pad = 1000; pad < 1040; pad++) {
    const a = ['x'.repeat(pad), 'é', '한국어', 'short', '🚀'.repeat(40)]
    const message = { a, b: [-1, 2 ** 40, Number.MIN_SAFE_INTEGER], c: Math.PI, d: 65535 }
    for (const version of [0, 1]) {
      assert.deepEqual(codec.decode(version, Buffer.concat(codec.encode(version, message))), message)
    }
  }
})

test('chunks are never shared between two messages', () => {
  const first = new Writer('first')
  first.int32(1)
  const [chunk] = first.finish()
  const second = new Writer('second')
  second.int32(2)
  second.finish()
  assert.equal(chunk!.readInt32BE(0), 1)
})

test('version ranges are read in all of Kafka’s notations', () => {
  assert.ok(inRange('3', 3) && !inRange('3', 4))
  assert.ok(inRange('2-4', 2) && inRange('2-4', 4) && !inRange('2-4', 5))
  assert.ok(inRange('5+', 99) && !inRange('5+', 4))
  assert.ok(!inRange('none', 0) && !inRange(undefined, 0))
})
