import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { holds, type Subject } from './evaluate.ts'
import { isLike } from './like.ts'
import { parseFilter } from './parse.ts'

const order: Subject = {
  key: 'kr-17',
  value: {
    status: 'paid',
    total: 120.5,
    items: [{ sku: 'a' }, { sku: 'b' }],
    tags: ['new'],
    note: null,
    gift: false,
  },
  headers: { trace: 'f00', 'x-region': 'kr' },
  offset: 42,
  partition: 3,
  timestamp: 1_767_225_600_000,
  size: 300,
}

const true_ = [
  'value.status == "paid"',
  "value.status == 'paid' && key startsWith 'kr-'",
  'value.total > 100 and value.total <= 120.5',
  'value.items[1].sku == "b"',
  'value["items"][0]["sku"] != "b"',
  'value.tags contains "new"',
  'value contains "\\"sku\\":\\"b\\""',
  'headers.trace like "f0*" && headers["x-region"] == "kr"',
  'not value.note and not value.gift and value.items',
  'value.missing == null && value.missing.deeper == null',
  '!(value.missing > 1) && !(value.missing < 1)',
  'offset >= 42 && partition == 3 && size < 1000 && timestamp > 0',
  'value.status == "open" || value.status == "paid" && key == "kr-17"',
  '-1 < offset',
  'key endsWith "17"',
  'value.items.length == 2',
]

for (const filter of true_) {
  test(`holds: ${filter}`, () => assert.equal(holds(parseFilter(filter), order), true))
}

const false_ = [
  'value.total > "100"',
  'value.constructor',
  'value.__proto__ != null',
  'key like "kr"',
  'value.status == "paid" && false',
  '(value.status == "open" || value.status == "paid") && key == "x"',
]

for (const filter of false_) {
  test(`does not hold: ${filter}`, () => assert.equal(holds(parseFilter(filter), order), false))
}

const wrong: readonly (readonly [string, RegExp])[] = [
  ['', /character 1: .*it ends/],
  ['value.status ==', /it ends here/],
  ['status == "paid"', /character 1: one of key, value/],
  ['value.status = "paid"', /character 14: "=" means nothing/],
  ['(key == "a"', /a \) is missing/],
  ['key == "a" key', /the filter should end, and "key" stands/],
  ['value.items[-1]', /a place like 0/],
  ['value.eval("1")', /the filter should end, and "\(" stands/],
  [`${'!'.repeat(100)}key`, /nested too deeply/],
  [`key == "${'x'.repeat(3_000)}"`, /longer than/],
]

for (const [filter, message] of wrong) {
  test(`is refused with its place: ${filter.slice(0, 30)}`, () => {
    assert.throws(() => parseFilter(filter), { code: 'FILTER_INVALID', message })
  })
}

test('like is what a regular expression of the same meaning says', () => {
  const text = fc.stringMatching(/^[ab*?]{0,12}$/)
  fc.assert(
    fc.property(text, text, (subject, glob) => {
      const pattern = glob.replaceAll('*', '.*').replaceAll('?', '.')
      assert.equal(isLike(subject, glob), new RegExp(`^(?:${pattern})$`, 's').test(subject))
    }),
  )
})

test('a glob that would drive a regular expression mad ends', () => {
  assert.equal(isLike('a'.repeat(20_000), `${'a*'.repeat(150)}b`), false)
})

test('whatever is written is understood or refused', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 60 }), (text) => {
      try {
        holds(parseFilter(text), order)
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'FILTER_INVALID')
      }
    }),
  )
})
