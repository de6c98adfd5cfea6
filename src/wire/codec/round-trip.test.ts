import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { arbitraryMessage } from '../../../test/kit/arbitrary-messages.ts'
import { apiList } from '../apis/index.ts'
import type { MessageCodec } from './message.ts'

/** Messages tried per API, version and direction. */
const RUNS = Number(process.env.KMC_PROPERTY_RUNS ?? 30)

type AnyCodec = MessageCodec<Record<string, unknown>>

/** What was encoded is decoded again, equal in every field, and encodes to the same bytes. */
function assertRoundTrip(codec: AnyCodec, version: number): void {
  const property = fc.property(arbitraryMessage(codec.table, version), (message) => {
    const bytes = Buffer.concat(codec.encode(version, message))
    const decoded = codec.decode(version, bytes)
    assert.deepEqual(decoded, message)
    assert.deepEqual(Buffer.concat(codec.encode(version, decoded)), bytes)
  })
  fc.assert(property, { numRuns: RUNS })
}

function assertEveryVersion(codec: AnyCodec): number {
  const { min, max } = codec.table
  for (let version = min; version <= max; version++) assertRoundTrip(codec, version)
  return max - min + 1
}

for (const info of apiList) {
  test(`${info.name} v${info.min}-${info.max} comes back as it went, both directions`, async () => {
    const api = await info.load()
    assert.equal(api.key, info.key)
    assert.deepEqual(api.versions, { min: info.min, max: info.max })
    assertEveryVersion(api.request)
    assertEveryVersion(api.response)
  })
}

const dataFolder = new URL('../data/', import.meta.url)
for (const file of readdirSync(dataFolder)) {
  test(`the struct of data/${file} comes back as it went`, async () => {
    const module = (await import(new URL(file, dataFolder).href)) as Record<string, AnyCodec>
    const codecs = Object.values(module)
    assert.equal(codecs.length, 1)
    for (const codec of codecs) assertEveryVersion(codec)
  })
}
