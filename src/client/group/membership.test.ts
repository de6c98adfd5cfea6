import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ErrorCode } from '../../wire/error-codes.ts'
import type { Joined } from './calls.ts'
import { HEARTBEAT_MS, SESSION_TIMEOUT_MS } from './limits.ts'
import { Membership } from './membership.ts'

const members = [{ memberId: 'me', instanceId: null, metadata: Buffer.from('m') }]

function answer(change: Partial<Joined> = {}): Joined {
  const usual = { errorCode: 0, generation: 1, memberId: 'me', leader: 'me', skipAssignment: false, members }
  return { ...usual, ...change }
}

/** A member in good standing that joined and synced at `now`. */
function standing(now = 0): Membership {
  const machine = new Membership()
  machine.joined(answer(), now)
  machine.led(new Map([['me', Buffer.from('a')]]))
  machine.synced(0, now, now)
  return machine
}

test('a lone worker joins, leads, syncs, and beats', () => {
  const machine = new Membership()
  assert.deepEqual(machine.next(0), { do: 'join', memberId: '', round: 0 })
  machine.joined(answer({ errorCode: ErrorCode.MEMBER_ID_REQUIRED, memberId: 'me', members: [] }), 1)
  assert.deepEqual(machine.next(1), { do: 'join', memberId: 'me', round: 0 })
  machine.joined(answer(), 2)
  assert.deepEqual(machine.next(2), { do: 'lead', members })
  const assignments = new Map([['me', Buffer.from('a')]])
  machine.led(assignments)
  assert.deepEqual(machine.next(3), { do: 'sync', assignments })
  machine.synced(0, 3, 4)
  assert.deepEqual(machine.next(4), { do: 'rest', ms: HEARTBEAT_MS - 1 })
  assert.deepEqual(machine.next(3 + HEARTBEAT_MS), { do: 'beat' })
})

test('a follower gives no assignments; nor does a leader that came back under its name', () => {
  for (const change of [{ leader: 'other', members: [] }, { skipAssignment: true }]) {
    const machine = new Membership()
    machine.joined(answer(change), 0)
    assert.deepEqual(machine.next(0), { do: 'sync', assignments: new Map() })
  }
})

test('a place holds for less than a session after the last good heartbeat was sent, and again after the next', () => {
  const machine = standing(0)
  assert.ok(machine.isFresh(0))
  machine.failed(4_000)
  machine.failed(7_000)
  assert.ok(machine.isFresh(7_000))
  assert.ok(!machine.isFresh(SESSION_TIMEOUT_MS - 1_000), 'before the coordinator can give it away')
  machine.beaten(0, 11_000, 11_100)
  assert.ok(machine.isFresh(11_100))
})

test('in a rebalance the work is settled before the group is joined again, and the session kept meanwhile', () => {
  const machine = standing(0)
  machine.beaten(ErrorCode.REBALANCE_IN_PROGRESS, 2_000, 2_001)
  assert.ok(!machine.isFresh(2_001))
  assert.deepEqual(machine.next(2_001), { do: 'settle' })
  assert.equal(machine.next(2_002).do, 'rest')
  assert.deepEqual(machine.next(4_100), { do: 'beat' })
  machine.beaten(ErrorCode.REBALANCE_IN_PROGRESS, 4_100, 4_101)
  machine.settled()
  assert.deepEqual(machine.next(4_200), { do: 'join', memberId: 'me', round: 0 })
})

test('who was forgotten settles without a word and comes back as somebody new', () => {
  const machine = standing(0)
  machine.beaten(ErrorCode.UNKNOWN_MEMBER_ID, 2_000, 2_001)
  assert.deepEqual(machine.next(2_001), { do: 'settle' })
  assert.equal(machine.next(9_000).do, 'rest')
  machine.settled()
  assert.deepEqual(machine.next(9_000), { do: 'join', memberId: '', round: 0 })
})

test('a name that another process took is the end', () => {
  const machine = standing(0)
  machine.beaten(ErrorCode.FENCED_INSTANCE_ID, 2_000, 2_001)
  assert.ok(machine.hasEnded && !machine.isFresh(2_001))
  assert.deepEqual(machine.next(2_001), { do: 'end' })
})

test('starting over joins with other bytes, so that the coordinator makes a new generation', () => {
  const machine = standing(0)
  machine.startOver()
  assert.ok(!machine.isFresh(1))
  assert.deepEqual(machine.next(1), { do: 'settle' })
  machine.settled()
  assert.deepEqual(machine.next(2), { do: 'join', memberId: 'me', round: 1 })
})

test('a coordinator that moves is asked again soon, a refusal that lasts is asked about seldom', () => {
  const pause = (errorCode: number) => {
    const machine = new Membership()
    machine.joined(answer({ errorCode }), 0)
    const step = machine.next(0)
    return step.do === 'rest' ? step.ms : 0
  }
  assert.ok(pause(ErrorCode.NOT_COORDINATOR) <= 200)
  assert.ok(pause(ErrorCode.GROUP_AUTHORIZATION_FAILED) >= 5_000)
})

test('whatever is answered, nobody joins before the work of the last generation is settled', () => {
  const codes = Object.values(ErrorCode)
  const events = fc.array(fc.tuple(fc.constantFrom(...codes), fc.integer({ min: 1, max: 3_000 })), {
    maxLength: 60,
  })
  fc.assert(
    fc.property(events, (list) => {
      const machine = new Membership()
      let now = 0
      let working = false
      for (const [errorCode, ms] of list) {
        now += ms
        const step = machine.next(now)
        if (step.do === 'join') {
          assert.ok(!working, 'settled before')
          machine.joined(answer({ errorCode }), now)
        } else if (step.do === 'lead') machine.led(new Map())
        else if (step.do === 'sync') {
          machine.synced(errorCode, now - 1, now)
          working ||= machine.isMember
        } else if (step.do === 'beat') machine.beaten(errorCode, now - 1, now)
        else if (step.do === 'settle') {
          assert.ok(!machine.isFresh(now))
          working = false
          machine.settled()
        }
        assert.ok(working || !machine.isFresh(now), 'fresh only while at work')
      }
    }),
  )
})
