import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Secret } from '../base/secret.ts'
import { admit, type Credentials } from './access.ts'

const door = { port: 40_001, token: new Secret('right-token') }
const good: Credentials = {
  host: '127.0.0.1:40001',
  origin: undefined,
  authorization: 'Bearer right-token',
}

test('the token under either loopback name passes', () => {
  admit(good, door)
  admit({ ...good, host: 'LOCALHOST:40001' }, door)
})

test('a foreign or missing Host is refused even with the token', () => {
  for (const host of [undefined, '', 'evil.example', '127.0.0.1', '127.0.0.1:1', 'evil.example:40001']) {
    assert.throws(() => admit({ ...good, host }, door), { code: 'CONTROL_FORBIDDEN' })
  }
})

test('a web page is refused whatever its origin', () => {
  for (const origin of ['null', 'http://127.0.0.1:40001', 'https://evil.example']) {
    assert.throws(() => admit({ ...good, origin }, door), { code: 'CONTROL_FORBIDDEN' })
  }
})

test('nothing but the whole token passes', () => {
  const refused = [
    undefined,
    '',
    'right-token',
    'Bearer ',
    'Bearer right-toke',
    'Bearer right-token ',
    'Basic right-token',
  ]
  for (const authorization of refused) {
    assert.throws(() => admit({ ...good, authorization }, door), { code: 'CONTROL_REFUSED' })
  }
  fc.assert(
    fc.property(fc.string(), (text) => {
      fc.pre(text !== 'right-token')
      assert.throws(() => admit({ ...good, authorization: `Bearer ${text}` }, door), {
        code: 'CONTROL_REFUSED',
      })
    }),
  )
})
