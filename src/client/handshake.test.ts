import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Api, encodeResponseFrame, type Input } from '../wire/api.ts'
import { ApiVersions, type ApiVersionsResponse } from '../wire/apis/018-api-versions.ts'
import { type HandshakeCall, negotiate } from './handshake.ts'

const address = { host: 'broker', port: 9092 }
const SIZE_BYTES = 4
const produce = { apiKey: 0, minVersion: 3, maxVersion: 11 }

/** A broker that knows ApiVersions up to `known` and answers newer questions as KIP-511 says. */
function broker(known: number, asked: number[], fallback: Input<ApiVersionsResponse>): HandshakeCall {
  const call = async <Req, Res>(
    api: Api<Req, Res>,
    version: number,
    _: Input<Req>,
    decode?: (frame: Buffer) => Res,
  ) => {
    assert.equal(api.key, ApiVersions.key)
    asked.push(version)
    const isKnown = version <= known
    const answer = isKnown ? { apiKeys: [produce] } : fallback
    const chunks = encodeResponseFrame(ApiVersions, isKnown ? version : 0, 1, answer)
    return decode!(Buffer.concat(chunks).subarray(SIZE_BYTES))
  }
  return call as HandshakeCall
}

test('a broker that knows our version is asked once', async () => {
  const asked: number[] = []
  const versions = await negotiate(broker(4, asked, {}), address)
  assert.deepEqual(asked, [4])
  assert.equal(versions.pick({ key: 0, name: 'Produce', versions: { min: 0, max: 13 } }), 11)
})

test('an older broker says what it knows and is asked again', async () => {
  const asked: number[] = []
  const own = { apiKey: ApiVersions.key, minVersion: 0, maxVersion: 2 }
  await negotiate(broker(2, asked, { errorCode: 35, apiKeys: [own] }), address)
  assert.deepEqual(asked, [4, 2])
})

test('one that says nothing is asked in version 0', async () => {
  const asked: number[] = []
  await negotiate(broker(0, asked, { errorCode: 35, apiKeys: [] }), address)
  assert.deepEqual(asked, [4, 0])
})

test('another error is an error', async () => {
  const asked: number[] = []
  const refusing = broker(-1, asked, { errorCode: 35, apiKeys: [] })
  await assert.rejects(negotiate(refusing, address), {
    code: 'KAFKA_ERROR',
    kafkaName: 'UNSUPPORTED_VERSION',
  })
  assert.equal(asked.length, 2)
})
