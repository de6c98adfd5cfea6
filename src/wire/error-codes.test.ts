import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { ErrorCode, errorOf } from './error-codes.ts'

test('every code has the name and the retriability that Kafka’s own Errors gives it', () => {
  const golden = readFileSync(new URL('../../test/golden/error-codes-4.3.1.tsv', import.meta.url), 'utf8')
  const lines = golden.trim().split('\n')
  assert.equal(lines.length, Object.keys(ErrorCode).length)
  for (const line of lines) {
    const [code, name, retriable] = line.split('\t')
    const info = errorOf(Number(code))
    assert.deepEqual([info.code, info.name, String(info.retriable)], [Number(code), name, retriable])
    assert.match(info.message, /\.$/)
  }
})

test('a code that is newer than kmc keeps its number in its name', () => {
  const { name, retriable } = errorOf(9999)
  assert.deepEqual([name, retriable], ['UNKNOWN_9999', false])
})
