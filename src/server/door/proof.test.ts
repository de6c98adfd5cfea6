import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertCode } from '../../../test/kit/assert-code.ts'
import { refuseForgery } from './forgery.ts'
import { hostTest } from './hosts.ts'
import { type Proof, Proxies, proofOf } from './proof.ts'

const proxies = new Proxies(['10.0.0.0/8', 'fd00::7'])

function proof(peer: string, headers: Record<string, string> = {}, encrypted = false): Proof {
  return proofOf({ method: 'POST', peer, encrypted, headers }, proxies)
}

const forwarded = {
  host: 'inner:8686',
  'x-forwarded-for': '203.0.113.9, 198.51.100.4, 10.1.1.1',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'kmc.example.com',
}

test('what a proxy says is believed of listed ones alone', () => {
  const believed = proof('::ffff:10.2.3.4', forwarded)
  assert.deepEqual(
    [believed.address, believed.host, believed.isTls],
    ['198.51.100.4', 'kmc.example.com', true],
  )
  const other = proof('192.0.2.1', forwarded)
  assert.deepEqual(
    [other.address, other.host, other.isTls, other.isPrivate],
    ['192.0.2.1', 'inner:8686', false, false],
  )
})

test('a request is private by TLS, by the TLS of a proxy, or as it never left the machine', () => {
  assert.equal(proof('192.0.2.1', {}, true).isPrivate, true)
  assert.equal(proof('127.0.0.1').isPrivate, true)
  assert.equal(proof('10.2.3.4', { 'x-forwarded-proto': 'http' }).isPrivate, false)
  assert.equal(proof('10.2.3.4').isPrivate, false)
  assert.equal(proof('fd00::7', { 'x-forwarded-proto': 'https' }).isPrivate, true)
})

test('senders that a proxy names wrongly leave the proxy itself', () => {
  for (const said of ['', 'unknown', '10.1.1.1, 10.1.1.2', '<script>']) {
    assert.equal(proof('10.2.3.4', { 'x-forwarded-for': said }).address, '10.2.3.4')
  }
})

test('a server answers to its own names and those listed', () => {
  const isOwn = hostTest({ listen: '192.0.2.10', hosts: ['KMC.example.com'] })
  const own = ['127.0.0.1:8686', 'localhost', '[::1]:8686', '192.0.2.10', 'kmc.example.com:443']
  for (const host of own) assert.equal(isOwn(host), true, host)
  const foreign = [
    'evil.example',
    'kmc.example.com.evil.example',
    '127.0.0.1.evil.example',
    '',
    undefined,
    'a b',
    '192.0.2.11',
  ]
  for (const host of foreign) assert.equal(isOwn(host), false, host)
})

test('a change with a session comes from a page of this server, and as JSON', () => {
  const host = 'localhost:8686'
  const json = { host, 'content-type': 'application/json' }
  const passes = (headers: Record<string, string>) => refuseForgery(proof('127.0.0.1', headers))
  passes({ ...json, 'sec-fetch-site': 'same-origin' })
  passes({ ...json, 'sec-fetch-site': 'none' })
  passes({ ...json, origin: 'http://localhost:8686' })
  passes({
    host,
    'sec-fetch-site': 'same-origin',
    'content-type': 'application/vnd.kafka.json.v2+json; charset=utf-8',
  })
  passes({ host, 'sec-fetch-site': 'same-origin' })
  const refused: Record<string, string>[] = [
    { ...json, 'sec-fetch-site': 'cross-site' },
    { ...json, 'sec-fetch-site': 'same-site' },
    { ...json, 'sec-fetch-site': 'cross-site', origin: 'http://localhost:8686' },
    { ...json, origin: 'http://localhost:9999' },
    { ...json, origin: 'null' },
    json,
    { host, 'sec-fetch-site': 'same-origin', 'content-type': 'text/plain' },
    { host, 'sec-fetch-site': 'same-origin', 'content-type': 'multipart/form-data; boundary=x' },
    { host, 'sec-fetch-site': 'same-origin', 'content-type': 'text/plain; application/json' },
  ]
  for (const headers of refused) assertCode('FORGERY_SUSPECTED', () => passes(headers))
})
