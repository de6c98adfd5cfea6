import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Attempts } from './attempts.ts'
import type { Caller } from './caller.ts'
import { cookieIn, cookieName, setCookie } from './cookies.ts'
import { Sessions } from './sessions.ts'
import { SignInCodes } from './sign-in-codes.ts'

const HOUR_MS = 3_600_000
const ada: Caller = { name: 'user ada', by: 'session', grants: [{ role: 'viewer' }] }

function clock() {
  let time = 1_000_000
  const pass = (ms: number) => {
    time += ms
  }
  return { now: () => time, pass }
}

test('a session ends 12 hours after its last request, and in any case after a week', () => {
  const { now, pass } = clock()
  const sessions = new Sessions(now)
  const [idle, busy] = [sessions.open(ada), sessions.open(ada)]
  for (let hours = 0; hours < 7 * 24; hours += 8) {
    assert.equal(sessions.use(busy), ada)
    pass(8 * HOUR_MS)
  }
  assert.equal(sessions.use(idle), null)
  assert.equal(sessions.use(busy), null)
})

test('a session that was closed is none, nor is one that was never opened', () => {
  const sessions = new Sessions(clock().now)
  const id = sessions.open(ada)
  sessions.close(id)
  assert.equal(sessions.use(id), null)
  assert.equal(sessions.use('x'.repeat(43)), null)
})

test('of too many sessions the one that was not used for longest ends', () => {
  const sessions = new Sessions(clock().now)
  const [first, second] = [sessions.open(ada), sessions.open(ada)]
  sessions.use(first)
  for (let count = 0; count < 999; count++) sessions.open(ada)
  assert.equal(sessions.use(second), null)
  assert.equal(sessions.use(first), ada)
})

test('a code opens one session, within ten minutes', () => {
  const { now, pass } = clock()
  const codes = new SignInCodes(now)
  const [code, late] = [codes.make(), codes.make()]
  assert.deepEqual([codes.use(code), codes.use(code), codes.use('')], [true, false, false])
  pass(600_000)
  assert.equal(codes.use(late), false)
})

test('only the newest codes are kept', () => {
  const codes = new SignInCodes(clock().now)
  const made = Array.from({ length: 21 }, () => codes.make())
  assert.deepEqual([codes.use(made[0]!), codes.use(made[1]!), codes.use(made[20]!)], [false, true, true])
})

test('an address may try ten times a minute, and all together 200 times', () => {
  const { now, pass } = clock()
  const attempts = new Attempts(now, { each: 10, all: 200 })
  const take = (address: string, count: number) =>
    Array.from({ length: count }, () => attempts.take(address)).filter(Boolean).length
  assert.equal(take('192.0.2.1', 15), 10)
  assert.equal(take('192.0.2.2', 1), 1)
  const others = Array.from({ length: 50 }, (_, index) => take(`198.51.100.${index}`, 10))
  assert.equal(
    others.reduce((sum, count) => sum + count, 0),
    189,
  )
  pass(60_000)
  assert.equal(take('192.0.2.1', 1), 1)
})

test('cookies are told apart by port, and bound to the host under TLS', () => {
  const plain = cookieName('session', { isTls: false, port: 8686 })
  assert.equal(plain, 'kmc-session-8686')
  const name = cookieName('session', { isTls: true, port: 8686 })
  const cookie = setCookie({ name, value: 'abc', maxAgeMs: 60_000, sameSite: 'Strict', isTls: true })
  assert.equal(cookie, '__Host-kmc-session-8686=abc; Path=/; Max-Age=60; HttpOnly; SameSite=Strict; Secure')
  assert.equal(cookieIn(`x=1; ${plain}=abc_-9`, plain), 'abc_-9')
  for (const wrong of [
    undefined,
    `${plain}=`,
    `${plain}=a b`,
    `x${plain}=abc`,
    `${plain}=${'a'.repeat(300)}`,
  ]) {
    assert.equal(cookieIn(wrong, plain), null)
  }
})
