import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { nameMatcher } from '../../link/names.ts'
import { literalOverlap, type NameSet, overlap } from './overlap.ts'

const set = (...patterns: string[]): NameSet => ({ prefix: '', patterns })

test('patterns that share a name are shown with a shortest one', () => {
  assert.deepEqual(overlap([set('orders'), set('orders', 'payments')]), { kind: 'name', name: 'orders' })
  assert.deepEqual(overlap([set('a*c'), set('ab*')]), { kind: 'name', name: 'abc' })
  assert.deepEqual(overlap([set('??'), set('x*')]).kind, 'name')
})

test('patterns that share no name are told apart', () => {
  const apart: [NameSet, NameSet][] = [
    [set('orders*'), set('payments*')],
    [set('*', '!payments'), set('payments')],
    [set('*.eu'), set('*.us')],
    [set('a?'), set('a??')],
    [set('*', '!a*'), set('a*b')],
  ]
  for (const sets of apart) assert.deepEqual(overlap(sets), { kind: 'none' })
})

test('internal names are met only where both sides name them in full', () => {
  assert.deepEqual(overlap([set('*'), set('__state')]), { kind: 'none' })
  assert.deepEqual(overlap([set('__state'), set('__state')]), { kind: 'name', name: '__state' })
  // `_` + `_x` begins with two underscores on the destination, but is no internal name at the source.
  assert.equal(overlap([{ prefix: '_', patterns: ['*'] }, set('__x')]).kind, 'name')
})

test('prefixes count', () => {
  assert.deepEqual(
    overlap([
      { prefix: 'kr.', patterns: ['*'] },
      { prefix: 'us.', patterns: ['*'] },
    ]),
    { kind: 'none' },
  )
  assert.equal(overlap([{ prefix: 'kr.', patterns: ['*'] }, set('*')]).kind, 'name')
  assert.deepEqual(overlap([{ prefix: 'kr.', patterns: ['*'] }, set('*', '!kr.*')]), { kind: 'none' })
  assert.deepEqual(overlap([{ prefix: '', patterns: ['b.*'], ahead: 'b.' }, set('x')]), {
    kind: 'name',
    name: 'x',
  })
})

test('a literal overlap is one that a full name takes part in', () => {
  assert.equal(literalOverlap(set('*'), set('orders')), 'orders')
  assert.equal(literalOverlap(set('*'), set('o*')), null)
  assert.equal(literalOverlap(set('*', '!orders'), set('orders')), null)
  assert.equal(literalOverlap({ prefix: 'a.', patterns: ['x'] }, set('a.x')), 'a.x')
})

const ALPHABET = ['a', 'b', '_']
const words = (lengthMax: number): string[] => {
  const all: string[] = []
  let last = ['']
  for (let length = 1; length <= lengthMax; length++) {
    last = last.flatMap((word) => ALPHABET.map((letter) => word + letter))
    all.push(...last)
  }
  return all
}
const WORDS = words(5)

const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '_', '*', '?'), minLength: 1, maxLength: 4 })
const patterns = fc
  .array(fc.tuple(fc.boolean(), pattern), { minLength: 1, maxLength: 4 })
  .map((list) => list.map(([exclude, text], index) => (exclude && index > 0 ? `!${text}` : text)))
const nameSet = fc.record({ prefix: fc.constantFrom('', 'a', 'b_'), patterns })

test('the search agrees with trying every short name', () => {
  const accepts = (names: NameSet, word: string) =>
    word.startsWith(names.prefix) &&
    word.length > names.prefix.length &&
    nameMatcher(names.patterns)(word.slice(names.prefix.length))
  fc.assert(
    fc.property(nameSet, nameSet, (left, right) => {
      const found = overlap([left, right])
      const tried = WORDS.find((word) => accepts(left, word) && accepts(right, word))
      if (found.kind === 'name')
        assert.ok(accepts(left, found.name) && accepts(right, found.name), found.name)
      else assert.equal(tried, undefined)
      if (tried !== undefined) assert.ok(found.kind === 'name' && found.name.length <= tried.length)
    }),
    { numRuns: 1_000 },
  )
})

test('many patterns end at the limit instead of taking for ever', () => {
  const many = Array.from({ length: 40 }, (_, index) => `*${'?'.repeat(index % 20)}a*b${index}`)
  const started = process.cpuUsage().user
  assert.equal(overlap([set(...many), set(...many.map((text) => `${text}*c`))]).kind, 'limit')
  assert.ok(process.cpuUsage().user - started < 10_000_000)
})
