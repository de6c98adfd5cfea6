import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { encodeProperties } from './java-properties.ts'

/** Reads one line as java.util.Properties.load does; written from its documentation, for the round trip. */
function decodeLine(line: string): [string, string] {
  let at = 0
  const read = (end: (character: string) => boolean) => {
    let text = ''
    for (; at < line.length && !end(line.charAt(at)); at++) {
      if (line.charAt(at) !== '\\') {
        text += line.charAt(at)
        continue
      }
      const mark = line.charAt(++at)
      if (mark === 'u') {
        text += String.fromCharCode(Number.parseInt(line.slice(at + 1, at + 5), 16))
        at += 4
      } else {
        text += { n: '\n', r: '\r', t: '\t', f: '\f' }[mark] ?? mark
      }
    }
    return text
  }
  const key = read((character) => '=: \t\f'.includes(character))
  while (at < line.length && '=: \t\f'.includes(line.charAt(at))) at++
  return [key, read(() => false)]
}

describe('encodeProperties', () => {
  test('writes plain settings as they are', () => {
    assert.equal(encodeProperties({ 'log.dirs': '/a/b', x: '1=2' }), 'log.dirs=/a/b\nx=1=2\n')
  })

  test('escapes what Java would read as something else', () => {
    assert.equal(encodeProperties({ 'a b': ' c\\d\n', '#k': 'é' }), 'a\\ b=\\ c\\\\d\\n\n\\#k=\\u00e9\n')
  })

  test('any key and value come back', () => {
    const key = fc.string({ minLength: 1, unit: 'binary' }).filter((text) => text !== '__proto__')
    const value = fc.string({ unit: 'binary' }).filter((text) => !/^[=: \t\f]/.test(text))
    fc.assert(
      fc.property(key, value, (name, text) => {
        const line = encodeProperties({ [name]: text })
        assert.ok(line.endsWith('\n') && !line.slice(0, -1).includes('\n'))
        assert.deepEqual(decodeLine(line.slice(0, -1)), [name, text])
      }),
    )
  })
})
