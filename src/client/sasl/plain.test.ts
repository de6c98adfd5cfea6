import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Secret } from '../../base/secret.ts'
import { PlainExchange } from './plain.ts'

test('user and password go out with an empty authorization id', async () => {
  const exchange = new PlainExchange('alice', new Secret('pässword'))
  assert.equal((await exchange.first()).toString('utf8'), '\0alice\0pässword')
  assert.equal(exchange.isComplete, false)
  assert.equal(await exchange.next(), null)
  assert.equal(exchange.isComplete, true)
})

test('a NUL that would move the border is refused', async () => {
  const refused = { code: 'AUTHENTICATION_FAILED' }
  await assert.rejects(new PlainExchange('a\0b', new Secret('c')).first(), refused)
  await assert.rejects(new PlainExchange('a', new Secret('b\0c')).first(), refused)
})
