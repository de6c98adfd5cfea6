import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Column, renderTable } from './table.ts'
import { textWidth } from './text-width.ts'

type Row = { readonly name: string; readonly records: number | null }

const columns: readonly Column<Row>[] = [
  { title: 'topic', value: ({ name }) => name, shrink: true, paint: (text) => `\u001b[1m${text}\u001b[22m` },
  { title: 'records', value: ({ records }) => records, align: 'right' },
]
const rows: readonly Row[] = [
  { name: '주문', records: 1234567 },
  { name: 'payments', records: null },
]
const plain = { columns: null, color: false }

test('texts stand left, numbers right, and wide characters keep the columns straight', () => {
  assert.deepEqual(renderTable(rows, columns, plain), [
    'TOPIC       RECORDS',
    '주문      1,234,567',
    'payments          -',
  ])
})

test('a pipe gets everything, a terminal gets what fits', () => {
  const long = [{ name: 'a'.repeat(100), records: 1 }]
  assert.ok(renderTable(long, columns, plain)[1]!.includes('a'.repeat(100)))
  const fitted = renderTable(long, columns, { columns: 40, color: false })
  assert.ok(fitted.every((line) => textWidth(line) <= 40))
  assert.match(fitted[1]!, /a… {2,}1$/)
})

test('what may not shrink is never cut, however narrow the terminal', () => {
  const fixed = columns.map((column) => ({ ...column, shrink: false }))
  assert.match(renderTable(rows, fixed, { columns: 5, color: false })[2]!, /^payments/)
})

test('colour changes no width', () => {
  const uncoloured = renderTable(rows, columns, plain).map(textWidth)
  assert.deepEqual(renderTable(rows, columns, { columns: null, color: true }).map(textWidth), uncoloured)
})
