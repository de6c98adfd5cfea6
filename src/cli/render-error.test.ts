import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KmcError } from '../base/error.ts'
import { Secret } from '../base/secret.ts'
import { usageError } from './errors.ts'
import { errorDocument, exitCodeOf, renderError } from './render-error.ts'
import { paletteFor } from './terminal/color.ts'

const text = { format: 'text', debug: false, palette: paletteFor(false) } as const
const refused = new KmcError('CONNECTION_REFUSED', 'Nothing listens on 127.0.0.1:1', {
  remedy: 'Start it.',
  context: { address: '127.0.0.1:1', password: new Secret('hunter2') },
})

test('what, where, why with the code, then what to do', () => {
  assert.equal(
    renderError(refused, text),
    'error: Nothing listens on 127.0.0.1:1 [CONNECTION_REFUSED]\n  → Start it.',
  )
})

test('an error without a remedy has no arrow', () => {
  assert.equal(renderError(new KmcError('X', 'no'), text), 'error: no [X]')
})

test('the JSON form has its four names always and no secret ever', () => {
  const line = renderError(refused, { ...text, format: 'json' })
  assert.deepEqual(JSON.parse(line), {
    error: {
      code: 'CONNECTION_REFUSED',
      message: 'Nothing listens on 127.0.0.1:1',
      remedy: 'Start it.',
      context: { address: '127.0.0.1:1', password: '[redacted]' },
    },
  })
  assert.ok(!renderError(refused, { ...text, debug: true }).includes('hunter2'))
})

test('what nobody expected is called a bug, without its stack, and says how to report it', () => {
  const bug = new TypeError('x is not a function')
  assert.match(
    renderError(bug, text),
    /^bug: TypeError: x is not a function \[INTERNAL\]\n {2}→ .*--debug.*kmc doctor/,
  )
  assert.doesNotMatch(renderError(bug, text), /\n\s+at /)
  assert.match(renderError(bug, { ...text, debug: true }), /\n\s+at /)
  assert.equal(errorDocument('thrown text').error.message, 'thrown text')
})

test('exit codes', () => {
  assert.equal(exitCodeOf(usageError('no')), 2)
  assert.equal(exitCodeOf(new KmcError('FLEET_FILE_INVALID', 'no')), 2)
  assert.equal(exitCodeOf(refused), 1)
  assert.equal(exitCodeOf(new Error('bug')), 1)
})
