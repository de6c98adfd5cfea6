import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type PageQuery, pageOf } from './page.ts'

const names = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 3 }), { maxLength: 30 })

function pageAt(all: readonly string[], query: PageQuery) {
  return pageOf(all, (name) => name, query, '/list')
}

test('pages together are the whole list, whatever their size', () => {
  fc.assert(
    fc.property(names, fc.integer({ min: 1, max: 7 }), (all, size) => {
      const seen: string[] = []
      let query: PageQuery | null = { page_size: size }
      while (query !== null) {
        const { items, next } = pageAt(all, query)
        seen.push(...items)
        const token = next === null ? null : new URL(next, 'http://test').searchParams.get('page_token')
        query = token === null ? null : { page_size: size, page_token: token }
      }
      assert.deepEqual(seen, all.toSorted())
    }),
  )
})

test('without a size the list comes whole; a search looks inside names, in any case', () => {
  const all = ['b.orders', 'a.ORDERS', 'c.payments']
  assert.deepEqual(pageAt(all, {}), { items: ['a.ORDERS', 'b.orders', 'c.payments'], next: null })
  const { items, next } = pageAt(all, { search: 'order', page_size: 1 })
  assert.deepEqual(items, ['a.ORDERS'])
  assert.equal(next, '/list?page_size=1&page_token=a.ORDERS&search=order')
})
