import assert from 'node:assert/strict'
import { test } from 'node:test'
import { receiversOf, type Tell } from './tell.ts'

test('an alert goes to all whom an entry that fits names, and to everybody where there is no entry', () => {
  const alert = {
    ...{ rule: 'lag-growing', severity: 'warning' as const },
    ...{ subject: { cluster: 'fra', group: 'pay-1' }, labels: { team: 'payments' } },
  }
  const to = (...tells: Tell[]) => [...receiversOf(alert, tells, ['ops', 'chat'])]
  assert.deepEqual(to(), ['ops', 'chat'])
  assert.deepEqual(to({ to: ['ops'], severity: 'critical' }), [])
  assert.deepEqual(to({ to: ['ops'], severity: 'warning' }, { to: ['chat', 'ops'] }), ['ops', 'chat'])
  assert.deepEqual(to({ to: ['ops'], rules: ['lag-growing'] }), ['ops'])
  assert.deepEqual(to({ to: ['ops'], rules: ['drift'] }), [])
  assert.deepEqual(to({ to: ['ops'], match: { group: 'pay-*' }, labels: { team: 'pay*' } }), ['ops'])
  assert.deepEqual(to({ to: ['ops'], match: { group: 'pay-*', cluster: 'iad' } }), [])
  assert.deepEqual(to({ to: ['ops'], match: { link: '*' } }), [], 'it is about no link')
  assert.deepEqual(to({ to: ['ops'], labels: { team: 'shop' } }), [])
})
