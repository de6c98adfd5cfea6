import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { NewAcl } from '../../client/admin/acls.ts'
import { aclText } from '../../link/travel/acls/rules.ts'
import { isAllowed } from './authorizer.ts'
import { newestFence } from './book.ts'
import { directWriters, type PartitionLook } from './direct-writers.ts'
import { type FenceWorld, planFence } from './entries.ts'

const entry = (change: Partial<NewAcl> = {}): NewAcl => ({
  resourceType: 'topic',
  resourceName: 'orders',
  patternType: 'literal',
  principal: 'User:app',
  host: '*',
  operation: 'write',
  permission: 'allow',
  ...change,
})
const plain = { isSuperUser: false, letsAllIn: false }
const world = (change: Partial<FenceWorld> = {}): FenceWorld => {
  return { present: [], own: [], topics: ['orders'], keep: ['User:kmc'], ...plain, ...change }
}
const created = (change: Partial<FenceWorld>) => planFence(world(change)).create.map(aclText)

describe('entries of a fence', () => {
  test('deny each writer the topics of the route, and nothing beyond them', () => {
    const wide = entry({ resourceName: 'ord', patternType: 'prefixed', operation: 'all', host: '10.0.0.1' })
    assert.deepEqual(created({ present: [wide], topics: ['orders', 'ordinary', 'logs'] }), [
      'deny write on topic orders for User:app',
      'deny write on topic ordinary for User:app',
    ])
    assert.deepEqual(created({ present: [entry({ operation: 'read' })] }), [])
    assert.deepEqual(created({ present: [entry({ permission: 'deny' })] }), [])
  })

  test('deny their transactional ids with them, and nobody else’s', () => {
    const id = entry({ resourceType: 'transactional-id', resourceName: 'pay-', patternType: 'prefixed' })
    const other = { ...id, principal: 'User:other' }
    assert.deepEqual(created({ present: [entry(), id, other] }), [
      'deny write on topic orders for User:app',
      'deny write on transactional-id pay-… for User:app',
    ])
  })

  test('never deny kmc itself, also not by everybody', () => {
    assert.deepEqual(created({ present: [entry({ principal: 'User:kmc' })] }), [])
    const open = world({ present: [entry({ principal: 'User:*' })] })
    assert.deepEqual(planFence(open), { create: [], all: [], unfenced: ['User:*'] })
    const asSuperUser = planFence({ ...open, isSuperUser: true })
    assert.deepEqual(
      [asSuperUser.create.map(aclText), asSuperUser.unfenced],
      [['deny write on topic orders for User:*'], []],
    )
  })

  test('make no entry where that would lock others out, and say so', () => {
    const open = planFence(world({ present: [entry()], topics: ['orders', 'logs'], letsAllIn: true }))
    assert.deepEqual([open.create.length, open.unfenced], [1, ['User:*']])
    assert.deepEqual(planFence(world({ present: [entry()], letsAllIn: true })).unfenced, [])
  })

  test('repeated they change nothing; what others deny already is left to them', () => {
    const first = planFence(world({ present: [entry()] }))
    const again = planFence(world({ present: [entry(), ...first.create], own: first.all }))
    assert.deepEqual([again.create, again.all], [[], first.all])
    const foreign = planFence(world({ present: [entry(), entry({ permission: 'deny' })] }))
    assert.deepEqual([foreign.create, foreign.all], [[], []])
  })

  test('what they deny is denied', () => {
    const present = [entry(), entry({ operation: 'read' })]
    const fenced = [...present, ...planFence(world({ present })).create]
    const ask = { principal: 'User:app', resourceType: 'topic', resourceName: 'orders' } as const
    assert.equal(isAllowed(present, { ...ask, operation: 'write' }), true)
    assert.equal(isAllowed(fenced, { ...ask, operation: 'write' }), false)
    assert.equal(isAllowed(fenced, { ...ask, operation: 'read' }), true)
  })
})

test('of two notes of a fence the later decision counts, with the entries of both', () => {
  const note = (epoch: number, acls: NewAcl[]) => {
    return { route: 'shop', cluster: 'seoul', epoch, topics: [], acls, at: epoch }
  }
  const other = entry({ resourceName: 'payments' })
  const merged = newestFence([note(2, [entry()]), note(3, [other])])
  assert.deepEqual([merged?.epoch, merged?.acls.length], [3, 2])
  assert.equal(newestFence([]), null)
})

describe('direct writers', () => {
  const producer = {
    producerId: 7,
    producerEpoch: 0,
    lastSequence: 4,
    lastTimestamp: 1,
    currentTxnStartOffset: -1,
  }
  const look = (end: number, producers: PartitionLook['producers'] = []): PartitionLook => {
    return { topic: 'orders', partition: 0, end, isSteady: true, producers }
  }
  const found = (before: PartitionLook, now: PartitionLook) =>
    directWriters([before], [now], new Map([[7, 'pay']]))

  test('nobody while nothing grows', () => {
    assert.deepEqual(found(look(5, [producer]), look(5, [producer])), [])
  })

  test('whose sequence moved, with its transactional id', () => {
    const [writer] = found(look(5, [producer]), look(9, [{ ...producer, lastSequence: 8 }]))
    assert.deepEqual([writer?.producerId, writer?.transactionalId, writer?.grownBy], [7, 'pay', 4])
  })

  test('somebody without an id, where a log grows and no sequence moves', () => {
    const [writer] = found(look(5, [producer]), look(6, [producer]))
    assert.deepEqual([writer?.producerId, writer?.grownBy], [null, 1])
  })

  test('not where something was on its way during a look', () => {
    assert.deepEqual(found({ ...look(5, [producer]), isSteady: false }, look(6, [producer])), [])
  })

  test('not the link itself, and not a coordinator that ends what was open', () => {
    const link = { ...producer, producerId: 2 ** 52 + 1 }
    assert.deepEqual(found(look(5, [link]), look(9, [{ ...link, lastSequence: 8 }])), [])
    assert.deepEqual(found(look(5, [link]), look(9, [{ ...link, lastTimestamp: 2 }])), [], 'by markers')
    const open = { ...producer, currentTxnStartOffset: 3 }
    assert.deepEqual(found(look(5, [open]), look(6, [producer])), [])
  })
})
