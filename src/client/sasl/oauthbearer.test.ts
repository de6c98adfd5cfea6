import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Secret } from '../../base/secret.ts'
import { OAuthBearerExchange } from './oauthbearer.ts'

const refused = { code: 'AUTHENTICATION_FAILED' }

test('the token goes out as RFC 7628 wants it', async () => {
  const exchange = new OAuthBearerExchange(new Secret('abc.def-_~+/='))
  assert.equal((await exchange.first()).toString(), 'n,,\x01auth=Bearer abc.def-_~+/=\x01\x01')
  assert.equal(await exchange.next(Buffer.alloc(0)), null)
  assert.equal(exchange.isComplete, true)
})

test('a source of tokens is asked at each authentication', async () => {
  let count = 0
  const source = async (): Promise<Secret> => new Secret(`token${++count}`)
  await new OAuthBearerExchange(source).first()
  assert.match((await new OAuthBearerExchange(source).first()).toString(), /Bearer token2/)
})

test('an issuer that is away is worth a retry', async () => {
  const exchange = new OAuthBearerExchange(() => Promise.reject(new Error('503')))
  await assert.rejects(exchange.first(), { code: 'AUTHENTICATION_FAILED', retriable: true, message: /503/ })
})

test('a refusal is acknowledged, then the broker must fail the exchange', async () => {
  const exchange = new OAuthBearerExchange(new Secret('token'))
  await exchange.first()
  const answer = await exchange.next(Buffer.from('{"status":"invalid_token"}\n\x1b[31m'))
  assert.deepEqual(answer, Buffer.from([1]))
  assert.equal(exchange.isComplete, false)
  await assert.rejects(exchange.next(Buffer.alloc(0)), (error: Error) => {
    assert.match(error.message, /invalid_token/)
    assert.ok(!error.message.includes('\x1b'))
    return true
  })
})

test('what is no bearer token never leaves', async () => {
  for (const token of ['', ' ', 'a b', 'a\x01auth=Bearer b', 'a,b', 'ü']) {
    await assert.rejects(new OAuthBearerExchange(new Secret(token)).first(), refused)
  }
})
