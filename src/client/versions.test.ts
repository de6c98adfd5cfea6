import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertCode } from '../../test/kit/assert-code.ts'
import { BrokerVersions } from './versions.ts'

const address = { host: 'broker', port: 9092 }
const api = { key: 7, name: 'Thing', versions: { min: 2, max: 9 } }

function serving(minVersion: number, maxVersion: number): BrokerVersions {
  return new BrokerVersions(address, [{ apiKey: api.key, minVersion, maxVersion }])
}

test('the highest version that both speak is picked', () => {
  assert.equal(serving(0, 5).pick(api), 5)
  assert.equal(serving(4, 30).pick(api), 9)
  assert.equal(serving(4, 30).pick(api, 6), 6)
  assert.equal(serving(9, 9).pick(api), 9)
})

test('without a common version the error names both sides', () => {
  for (const versions of [serving(10, 12), serving(0, 1), new BrokerVersions(address, [])]) {
    assertCode('UNSUPPORTED_BY_BROKER', () => versions.pick(api))
    assert.equal(versions.supports(api), false)
  }
  assert.throws(() => serving(10, 12).pick(api), /broker:9092 serves Thing 10 to 12; kmc speaks 2 to 9/)
  assert.throws(() => serving(7, 9).pick(api, 6), /kmc speaks 2 to 6/)
  assert.throws(() => new BrokerVersions(address, []).pick(api), /does not serve Thing/)
})

test('a feature may need a least version', () => {
  assert.equal(serving(0, 5).supports(api, 5), true)
  assert.equal(serving(0, 5).supports(api, 6), false)
  serving(0, 5).require(api, 5)
  assertCode('UNSUPPORTED_BY_BROKER', () => serving(0, 5).require(api, 6))
})

test('feature levels are kept', () => {
  const features = [{ name: 'transaction.version', maxVersionLevel: 2 }]
  const versions = new BrokerVersions(address, [], features)
  assert.equal(versions.featureLevel('transaction.version'), 2)
  assert.equal(versions.featureLevel('group.version'), 0)
})
