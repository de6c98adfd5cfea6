import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pageOfRows } from './rows.ts'

const items = [
  { name: 'Orders', lag: 5 },
  { name: 'billing', lag: null },
  { name: 'orders.dlq', lag: 0 },
  { name: 'audit', lag: 5 },
]

const how = {
  name: (item: (typeof items)[number]) => item.name,
  sorters: {
    name: (item: (typeof items)[number]) => item.name,
    lag: (item: (typeof items)[number]) => item.lag,
  },
  row: (item: (typeof items)[number]) => item.name,
}
const query = { sort: 'name', descending: false, offset: 0, limit: 100 }

test('names are searched without regard to case', () => {
  assert.deepEqual(pageOfRows(items, { ...query, search: 'ORDERS' }, how), {
    total: 2,
    rows: ['Orders', 'orders.dlq'],
  })
})

test('what is not known comes last, upwards and downwards', () => {
  const lag = { ...query, sort: 'lag' }
  assert.deepEqual(pageOfRows(items, lag, how).rows, ['orders.dlq', 'Orders', 'audit', 'billing'])
  assert.deepEqual(pageOfRows(items, { ...lag, descending: true }, how).rows, [
    ...['Orders', 'audit', 'orders.dlq', 'billing'],
  ])
})

test('a part of the list says how long the whole is, and makes rows of that part alone', () => {
  let made = 0
  const row = (item: (typeof items)[number]) => {
    made++
    return item.name
  }
  const part = pageOfRows(items, { ...query, offset: 1, limit: 2 }, { ...how, row })
  assert.deepEqual([part, made], [{ total: 4, rows: ['audit', 'billing'] }, 2])
})
