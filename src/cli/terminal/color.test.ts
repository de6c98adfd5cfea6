import assert from 'node:assert/strict'
import { test } from 'node:test'
import { paletteFor, wantsColor } from './color.ts'

test('a terminal gets colour, a pipe does not, NO_COLOR always wins', () => {
  assert.equal(wantsColor({ isTTY: true }, {}), true)
  assert.equal(wantsColor({ isTTY: false }, {}), false)
  assert.equal(wantsColor({}, {}), false)
  assert.equal(wantsColor({ isTTY: true }, { TERM: 'dumb' }), false)
  assert.equal(wantsColor({ isTTY: true }, { NO_COLOR: '1', FORCE_COLOR: '1' }), false)
  assert.equal(wantsColor({ isTTY: true }, { NO_COLOR: '' }), true)
  assert.equal(wantsColor({ isTTY: false }, { FORCE_COLOR: '1' }), true)
})

test('a palette without colour changes nothing', () => {
  assert.equal(paletteFor(false).bad('x'), 'x')
  assert.equal(paletteFor(true).bad('x'), '\u001b[31mx\u001b[39m')
})
