import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { NewAcl } from '../../../client/admin/acls.ts'
import { known, type PlanFacts, type SideFacts } from '../facts.ts'
import { AT, billing, facts, link, mirror, side } from '../testing/facts.ts'
import { driftOf } from './drift.ts'

type Change = {
  readonly from?: Partial<SideFacts>
  readonly to?: Partial<SideFacts>
  readonly more?: Partial<PlanFacts>
}

function drift({ from, to, more }: Change): string[] {
  const found = driftOf(facts({ from: known(side('seoul', from)), to: known(side('osaka', to)), ...more }))
  return found.map(({ severity, what }) => `${severity}: ${what}`)
}

const orders = { name: 'orders', id: 'i', partitions: 2, replicationFactor: 3, leaderless: [] }
const extra = (name: string) =>
  new Map([
    ['orders', orders],
    [name, { ...orders, name }],
  ])

describe('topics', () => {
  test('one without a mirror blocks when it is used, by a group or by a producer', () => {
    const reader = {
      ...billing,
      group: 'audit',
      positions: [{ topic: 'logs', partition: 0, offset: 1, metadata: null }],
    }
    const producer = {
      topic: 'logs',
      partition: 0,
      producerId: 5,
      producerEpoch: 0,
      lastSequence: 1,
      lastAt: AT,
      inTransaction: false,
    }
    assert.deepEqual(drift({ from: { topics: extra('logs'), groups: known([reader]) } }), [
      'blocks: logs is used by group audit and has no mirror on osaka',
    ])
    assert.deepEqual(drift({ from: { topics: extra('logs'), producers: known([producer]) } }), [
      'blocks: logs is used by producer 5 and has no mirror on osaka',
    ])
    assert.deepEqual(drift({ from: { topics: extra('logs') } }), [
      'note: 1 topic that nobody uses now stay behind: logs',
    ])
    assert.deepEqual(drift({ from: { topics: extra('__consumer_offsets') } }), [])
  })

  test('other partitions, fewer replicas, no leader', () => {
    const there = { ...orders, partitions: 1, replicationFactor: 1, leaderless: [0] }
    assert.deepEqual(drift({ to: { topics: new Map([['orders', there]]) } }), [
      'blocks: orders has 2 partitions on seoul and 1 on osaka',
      'blocks: orders on osaka has no leader for 1 partition',
      'warning: orders has 3 replicas on seoul and 1 on osaka',
    ])
  })
})

describe('settings', () => {
  const settings = (effective: Record<string, string>, defaults: Record<string, string> = {}) =>
    known({ topics: new Map([['orders', { effective, own: {} }]]), defaults })

  test('what a mirror holds counts as what it will be, by the source or by default', () => {
    const held = {
      from: { settings: settings({ 'retention.ms': '5' }) },
      to: { settings: settings({ 'retention.ms': '-1' }, { 'retention.ms': '9' }) },
    }
    assert.deepEqual(drift(held), ['warning: retention.ms is 5 on seoul and would be 9 on osaka: orders'])
    const withheld = known(link({ mirrors: [{ ...mirror, withheld: { 'retention.ms': '5' } }] }))
    assert.deepEqual(drift({ ...held, more: { link: withheld } }), [])
  })

  test('what never travels is told', () => {
    const change = {
      from: { settings: settings({ 'min.insync.replicas': '2', 'segment.ms': '7' }) },
      to: { settings: settings({ 'min.insync.replicas': '1', 'segment.ms': '8' }) },
    }
    assert.deepEqual(drift(change), [
      'warning: min.insync.replicas is 2 on seoul and would be 1 on osaka: orders',
      'note: segment.ms is 7 on seoul and would be 8 on osaka: orders',
    ])
  })
})

describe('rights', () => {
  const grant = (change: Partial<NewAcl> = {}): NewAcl => ({
    resourceType: 'topic',
    resourceName: 'orders',
    patternType: 'literal',
    principal: 'User:app',
    host: '*',
    operation: 'write',
    permission: 'allow',
    ...change,
  })
  const rights = (from: readonly NewAcl[], to: readonly NewAcl[], more: Partial<PlanFacts> = {}) =>
    drift({ from: { acls: known(from) }, to: { acls: known(to) }, more })

  test('a grant that is missing blocks', () => {
    assert.deepEqual(rights([grant()], []), ['blocks: User:app may not write topic orders on osaka (1 name)'])
    assert.deepEqual(rights([grant()], [grant()]), [])
  })

  test('a grant may come in another form, and a DENY wins over it', () => {
    const wide = grant({ resourceName: 'ord', patternType: 'prefixed', operation: 'all' })
    assert.deepEqual(rights([grant()], [wide]), [])
    const deny = grant({ permission: 'deny', operation: 'all', principal: 'User:*' })
    assert.equal(rights([grant()], [wide, deny]).length, 1)
    assert.deepEqual(rights([grant(), deny], []), [], 'denied at the source as well')
  })

  test('what is held back until a promotion counts as there', () => {
    const more = { link: known(link({ handOver: new Map([['orders', [grant()]]]) })) }
    assert.deepEqual(rights([grant()], [], more), [])
  })

  test('groups and transactional ids count, rights of administrators do not', () => {
    const group = grant({ resourceType: 'group', resourceName: 'billing', operation: 'read' })
    const transactions = grant({
      resourceType: 'transactional-id',
      resourceName: 'pay-',
      patternType: 'prefixed',
    })
    assert.deepEqual(rights([group, transactions, grant({ operation: 'alter' })], []), [
      'blocks: User:app may not read group billing on osaka (1 name)',
      'blocks: User:app may not write transactional-id pay-0 on osaka (1 name)',
    ])
  })

  test('one side without an authorizer is said', () => {
    assert.match(drift({ from: { acls: known([]) } })[0]!, /osaka has none: everybody may do everything/)
    assert.match(drift({ to: { acls: known([]) } })[0]!, /clients without an entry there are refused/)
  })
})

test('quotas and mechanisms that differ are told', () => {
  const change = {
    from: {
      quotas: known([{ entity: 'user app', values: { producer_byte_rate: '100' } }]),
      users: known(new Map([['app', ['SCRAM-SHA-256', 'SCRAM-SHA-512']]])),
    },
    to: { users: known(new Map([['app', ['SCRAM-SHA-512']]])) },
  }
  assert.deepEqual(drift(change), [
    'warning: user app has no SCRAM-SHA-256 credentials on osaka',
    'note: the quota of user app is another on osaka: producer_byte_rate 100 (none there)',
  ])
})

test('what could not be read is said', () => {
  assert.deepEqual(drift({ from: { acls: { told: false, why: 'CLUSTER_AUTHORIZATION_FAILED' } } }), [
    'note: acls of seoul could not be read (CLUSTER_AUTHORIZATION_FAILED), so nothing is said of them',
  ])
})
