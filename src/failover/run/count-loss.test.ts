import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AckedRecord, FarewellRecord, GatewayRecord } from '../state/records.ts'
import { gatewayRecordOf as gateway } from '../testing/records.ts'
import { countLoss } from './count-loss.ts'

const AT = 1_000_000

function part(partition: number, end: number, records: number, more: object = {}) {
  const nothing = { byLeader: 0, aborted: 0, open: 0, isShort: false }
  const times = { firstAt: AT - 900, lastAt: AT - records }
  return { partition, end, records, bytes: records * 10, ...nothing, ...times, ...more }
}

function told(id: string, topics: AckedRecord['topics'], more: Partial<AckedRecord> = {}): GatewayRecord {
  const nothing = { since: null, elsewhere: {}, unanswered: [], leftOut: 0 }
  return gateway({ id, acked: { ...nothing, topics, ...more } })
}

const ends = { orders: [10, 20] }

function count(
  gateways: readonly GatewayRecord[],
  heldFrom: number,
  farewells: readonly FarewellRecord[] = [],
) {
  return countLoss({ gateways, farewells, heldFrom }, ends)
}

test('what all gateways have seen behind the mirror is added up by partition', () => {
  const gateways = [
    told('a', { orders: [part(0, 13, 2), part(1, 21, 1)] }),
    told('b', { orders: [part(0, 15, 3)] }),
  ]
  const { lost, atLeast, uncounted } = count(gateways, AT)
  const [first, second] = lost!
  const { from, to, records, bytes, firstAt, lastAt, unaccounted } = first!
  assert.deepEqual(
    { from, to, records, bytes, unaccounted },
    { from: 10, to: 15, records: 5, bytes: 50, unaccounted: 0 },
  )
  assert.deepEqual([firstAt, lastAt], [AT - 900, AT - 2])
  assert.deepEqual([second!.partition, second!.records], [1, 1])
  assert.deepEqual([atLeast, uncounted], [[], []])
})

test('a batch that two gateways saw acknowledged is lost once', () => {
  const same = { orders: [part(0, 13, 3)] }
  assert.equal(count([told('a', same), told('b', same)], AT).lost![0]!.records, 3)
})

test('records of open and aborted transactions are not lost, and it is said how many there were', () => {
  const orders = [part(0, 20, 4, { open: 2, aborted: 1, byLeader: 3 })]
  const { lost, uncounted } = count([told('a', { orders })], AT)
  assert.deepEqual([lost![0]!.records, lost![0]!.unaccounted], [4, 3])
  assert.equal(uncounted.length, 4)
  assert.match(uncounted.join('\n'), /^2 records of transactions whose commit/)
})

test('it is a lower bound where somebody could not tell, or not all', () => {
  const gateways = [
    gateway({ id: 'gone', acked: null }),
    told('young', {}, { since: AT - 3_000 }),
    told('old', { orders: [part(1, 20, 0, { isShort: true })] }, { since: AT - 60_000 }),
  ]
  const { lost, atLeast } = count(gateways, AT)
  assert.deepEqual([lost!.length, lost![0]!.records], [1, 0])
  assert.equal(atLeast.length, 3)
  assert.match(atLeast.join('\n'), /gone could not be asked\n.*young began 3 s before.*\nin 1 partitions/)
})

test('who began just before the first record that is missing may have followed somebody who saw more', () => {
  const orders = [part(0, 20, 4, { firstAt: AT - 50_000 })]
  const restarted = told('a', { orders }, { since: AT - 55_000 })
  assert.match(count([restarted], AT).atLeast.join(), /a began 55 s before/)
  assert.deepEqual(count([told('a', { orders }, { since: AT - 90_000 })], AT).atLeast, [])
  const neverServed = told('a', {}, { since: AT + 200 })
  assert.match(count([neverServed], AT).atLeast.join(), /a began 0 s before/)
})

test('without anybody who tells nothing is known', () => {
  assert.equal(count([gateway({ acked: null })], AT).lost, null)
  assert.equal(count([], AT).lost, null)
})

test('what the count leaves aside is named', () => {
  const { uncounted } = count([told('a', {}, { unanswered: ['clicks'], elsewhere: { audit: 7 } })], AT)
  assert.match(
    uncounted.join('\n'),
    /acks=0.*: clicks\ntopics without a mirror: audit \(at least 7 records\)/,
  )
})

test('what a gateway told clients before it ended in order is missing only behind a mirror', () => {
  const one = told('a', { orders: [part(0, 13, 3)] })
  const left = (end: number, leftOut = 0): FarewellRecord => {
    return {
      route: 'shop',
      id: 'b',
      moves: 0,
      at: AT,
      ends: { orders: [[1, end]], other: [[0, 9]] },
      leftOut,
    }
  }
  assert.deepEqual(count([one], AT, [left(20)]).atLeast, [])
  assert.match(
    count([one], AT, [left(24)]).atLeast.join(),
    /^gateway b, which ended .* 4 offsets .* 1 partition/,
  )
  assert.match(count([one], AT, [left(20, 3)]).atLeast.join(), /left out 3 partitions/)
})
