import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertCode } from '../../test/kit/assert-code.ts'
import {
  type Api,
  decodeRequestHeader,
  decodeResponseFrame,
  encodeRequestFrame,
  encodeResponseFrame,
  requestHeaderVersion,
  responseHeaderVersion,
} from './api.ts'
import { Fetch, type FetchResponse } from './apis/001-fetch.ts'
import { ControlledShutdown } from './apis/007-controlled-shutdown.ts'
import { ApiVersions, type ApiVersionsResponse } from './apis/018-api-versions.ts'
import { apiByKey, apiInfo, apiList } from './apis/index.ts'

test('a request frame carries its size, header and body', () => {
  for (const [version, headerHex] of [
    [4, '0001000400000007' + '00036b6d63'],
    [12, '0001000c00000007' + '00036b6d63' + '00'],
  ] as const) {
    const frame = Buffer.concat(encodeRequestFrame(Fetch, version, { correlationId: 7, clientId: 'kmc' }, {}))
    assert.equal(frame.readInt32BE(0), frame.length - 4)
    assert.equal(frame.subarray(4, 4 + headerHex.length / 2).toString('hex'), headerHex)
    const header = decodeRequestHeader(frame.subarray(4))
    assert.deepEqual(header, {
      apiKey: 1,
      apiVersion: version,
      correlationId: 7,
      clientId: 'kmc',
      bodyAt: headerHex.length / 2,
    })
    Fetch.request.decode(version, frame.subarray(4 + header.bodyAt))
  }
})

test('a client without a name sends null', () => {
  const frame = Buffer.concat(encodeRequestFrame(Fetch, 4, { correlationId: 1, clientId: null }, {}))
  assert.equal(decodeRequestHeader(frame.subarray(4)).clientId, null)
})

test('ControlledShutdown v0 has the header without a client id', () => {
  assert.equal(requestHeaderVersion(ControlledShutdown, 0), 0)
  assert.equal(requestHeaderVersion(ControlledShutdown, 1), 1)
  assert.equal(requestHeaderVersion(ControlledShutdown, 3), 2)
  const frame = Buffer.concat(
    encodeRequestFrame(ControlledShutdown, 0, { correlationId: 9, clientId: 'x' }, { brokerId: 5 }),
  )
  assert.equal(frame.toString('hex'), '0000000c' + '00070000' + '00000009' + '00000005')
  assert.deepEqual(decodeRequestHeader(frame.subarray(4)), {
    apiKey: 7,
    apiVersion: 0,
    correlationId: 9,
    clientId: null,
    bodyAt: 8,
  })
})

test('the ApiVersions response has header 0 in every version', () => {
  for (let version = 0; version <= 4; version++) assert.equal(responseHeaderVersion(ApiVersions, version), 0)
  assert.equal(responseHeaderVersion(Fetch, 12), 1)
  assert.equal(responseHeaderVersion(Fetch, 11), 0)
})

test('a response frame comes back with its correlation id', () => {
  assertFrame(Fetch, 4)
  assertFrame(Fetch, 17)
  assertFrame(ApiVersions, 4)
})

function assertFrame<Req>(
  api: Api<Req, FetchResponse> | Api<Req, ApiVersionsResponse>,
  version: number,
): void {
  const throttled = api as Api<Req, { throttleTimeMs: number }>
  const frame = Buffer.concat(encodeResponseFrame(throttled, version, 77, { throttleTimeMs: 5 }))
  assert.equal(frame.readInt32BE(0), frame.length - 4)
  const { correlationId, body } = decodeResponseFrame(throttled, version, frame.subarray(4))
  assert.deepEqual([correlationId, body.throttleTimeMs], [77, 5])
  const longer = Buffer.concat([frame.subarray(4), Buffer.alloc(1)])
  assertCode('WIRE_TRAILING_BYTES', () => decodeResponseFrame(throttled, version, longer))
}

test('the header of a version that nobody speaks can be read, that of an unknown API cannot', () => {
  const frame = Buffer.from('0012' + '0063' + '00000001' + 'ffff' + '00', 'hex')
  assert.deepEqual(decodeRequestHeader(frame), {
    apiKey: 18,
    apiVersion: 99,
    correlationId: 1,
    clientId: null,
    bodyAt: 11,
  })
  assertCode('WIRE_UNKNOWN_API', () => decodeRequestHeader(Buffer.from('03e70000000000010000', 'hex')))
  assertCode('WIRE_LENGTH_OUT_OF_RANGE', () =>
    decodeRequestHeader(Buffer.from('0012000000000001fffe', 'hex')),
  )
})

test('tagged fields in a header are passed over', () => {
  const frame = Buffer.from('0001000c' + '00000001' + 'ffff' + '01' + '05' + '02aabb', 'hex')
  assert.equal(decodeRequestHeader(frame).bodyAt, frame.length)
})

test('APIs are found by key, and only those that exist', async () => {
  assert.equal(apiInfo(1)?.name, 'Fetch')
  assert.equal(apiInfo(999), undefined)
  assert.equal(await apiByKey(1), Fetch)
  assert.equal(await apiByKey(-5), undefined)
  assert.deepEqual(
    apiList.map(({ key }) => key),
    [...apiList.map(({ key }) => key)].sort((a, b) => a - b),
  )
})
