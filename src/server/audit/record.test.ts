import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Secret } from '../../base/secret.ts'
import { type AuditRecord, entriesOf, keptValue } from './record.ts'

const base: AuditRecord = {
  ...{ format: 1, id: 'a', at: 10, phase: 'begun', action: 'mirror.promote', who: 'user ada', by: 'session' },
  ...{ address: '127.0.0.1', on: { link: 'dr' }, host: 'here', before: null, after: null, error: null },
}

test('two records make one change, whatever cluster they were read from first', () => {
  const ended: AuditRecord = { ...base, at: 20, phase: 'ended', after: { state: 'promoted' } }
  for (const records of [
    [base, ended],
    [ended, base],
    [base, base, ended, ended],
    [ended, base, ended],
  ]) {
    const [entry, ...others] = entriesOf(records)
    assert.equal(others.length, 0)
    assert.deepEqual(
      [entry!.at, entry!.endedAt, entry!.result, entry!.after],
      [10, 20, 'done', { state: 'promoted' }],
    )
  }
})

test('a change that never ended is open; newer ones come first', () => {
  const failed: AuditRecord = { ...base, id: 'b', at: 30, phase: 'ended', error: { code: 'X', message: 'x' } }
  const refused: AuditRecord = {
    ...base,
    id: 'c',
    at: 40,
    phase: 'refused',
    error: { code: 'Y', message: 'y' },
  }
  assert.deepEqual(
    entriesOf([base, failed, refused]).map(({ id, result }) => [id, result]),
    [
      ['c', 'refused'],
      ['b', 'failed'],
      ['a', 'open'],
    ],
  )
})

test('what is kept is bounded and tells no secret', () => {
  assert.deepEqual(keptValue({ a: 1 }), { a: 1 })
  assert.equal(keptValue(undefined), null)
  assert.equal(JSON.stringify(keptValue({ password: new Secret('tiger') })), '{"password":"[redacted]"}')
  const { cut } = keptValue('x'.repeat(100_000)) as { cut: string }
  assert.equal(cut.length, 32 * 1024)
})
