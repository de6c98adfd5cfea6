import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodeAt, pathText, spotOf } from './tree.ts'
import { parseYaml } from './yaml.ts'

const messages = (text: string): string[] => parseYaml(text).findings.map((finding) => finding.message)

test('values come with the places of themselves and their keys', () => {
  const text = 'a:\n  b: [x, {c: 1}]\n'
  const { root, findings } = parseYaml(text)
  assert.deepEqual(findings, [])
  const spot = (path: (string | number)[], part: 'key' | 'value') => {
    const { start, end } = spotOf(root!, path, part)
    return text.slice(start, end)
  }
  assert.equal(spot(['a', 'b', 1, 'c'], 'value'), '1')
  assert.equal(spot(['a', 'b', 1, 'c'], 'key'), 'c')
  assert.equal(spot(['a', 'b', 'missing'], 'value'), 'b')
  assert.equal(nodeAt(root!, ['a', 'x', 'y']), null)
})

test('a key given twice is named at its second place', () => {
  const text = 'links:\n  dr: 1\n  dr: 2\n'
  const [finding] = parseYaml(text).findings
  assert.equal(finding?.message, 'this key was given before')
  assert.equal(finding?.span.start, text.lastIndexOf('dr'))
  assert.equal(pathText(finding?.path ?? []), 'links.dr')
})

test('what is no YAML 1.2 for a fleet file is a finding each', () => {
  const cases: [string, RegExp][] = [
    ['a:\n\t- b\n', /tabs/],
    ['a: [*]\n', /quotes/],
    ['a: [!internal]\n', /quotes/],
    ['a: *nowhere\n', /refers to nothing/],
    ['a: &x [*x]\n', /part of/],
    ['a: "b\n', /closing quote/],
    ['a: {b: 1\nc: 2\n', /not closed/],
    ['a: b: c\n', /second/],
    ['a: 1\n---\nb: 2\n', /one YAML document/],
    ['%YAML 1.1\n---\na: yes\n', /YAML 1.2/],
    ['a: &d {x: 1}\nb:\n  <<: *d\n', /merge keys/],
    ['? [a]\n: b\n', /plain text/],
    ['? {a: 1}\n: b\n', /plain text/],
    ['__proto__: {a: 1}\n', /not allowed/],
  ]
  for (const [text, expected] of cases) {
    const found = messages(text)
    assert.ok(
      found.some((message) => expected.test(message)),
      `${JSON.stringify(text)}: ${found.join('; ')}`,
    )
  }
})

test('keys are what was written, not what YAML makes of them', () => {
  const { root } = parseYaml('1: a\nyes: b\n0x10: c\n')
  assert.deepEqual([...root!.children.keys()], ['1', 'yes', '0x10'])
})

test('aliases may be used, and show the place of what they stand for', () => {
  const { root, findings } = parseYaml('a: &t [x, y]\nb: *t\n')
  assert.deepEqual(findings, [])
  assert.deepEqual(nodeAt(root!, ['b'])?.value, ['x', 'y'])
})

test('an alias bomb, deep nesting and many keys end at once', () => {
  const bomb = ['a: &a [x,x,x,x,x,x,x,x,x,x]']
  for (let at = 1; at < 12; at++) {
    const [name, before] = [letter(at), letter(at - 1)]
    bomb.push(`${name}: &${name} [${Array(10).fill(`*${before}`).join()}]`)
  }
  const started = process.cpuUsage().user
  assert.match(messages(bomb.join('\n')).join(), /too many values/)
  assert.match(messages(`a: ${'['.repeat(40)}${']'.repeat(40)}`).join(), /too deeply/)
  assert.match(messages('['.repeat(50_000)).join(), /too deeply|not closed/)
  assert.match(messages('- '.repeat(50_000)).join(), /too deeply/)
  assert.match(
    messages(Array.from({ length: 100_000 }, (_, at) => `k${at}: 1`).join('\n')).join(),
    /too many values/,
  )
  assert.ok(process.cpuUsage().user - started < 20_000_000)
})

function letter(at: number): string {
  return String.fromCharCode('a'.charCodeAt(0) + at)
}
