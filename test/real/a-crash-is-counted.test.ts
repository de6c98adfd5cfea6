import assert from 'node:assert/strict'
import { test } from 'node:test'
import { suffer } from '../failovers/round.ts'
import { need } from '../kit/need.ts'

/** One crash of those that `kmc test --failovers` makes: the receipt says what was lost, to the record. */

const skip = await need('kcat')

test('all brokers of the primary are killed: what is lost stands in the receipt, and clients go on', {
  skip,
}, async (context) => {
  const moment = {
    blow: 'killed',
    loadMs: 0,
    behindMs: 700,
    hesitateMs: 0,
    wakes: 'after the failover',
  } as const
  const report = await suffer(moment, (line) => context.diagnostic(line))
  assert.deepEqual(report.findings, [])
  assert.ok(report.lostInAll > 0 && report.acknowledged > report.lostInAll)
  assert.equal(report.stranded.code, 'STRANDED_RECORDS')
})
