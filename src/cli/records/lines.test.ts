import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { LINE_BYTES_MAX, linesOf } from './lines.ts'

async function* chunksOf(chunks: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* chunks
}

async function read(chunks: readonly Buffer[]): Promise<string[]> {
  const lines: string[] = []
  for await (const { bytes, number } of linesOf(chunksOf(chunks))) {
    assert.equal(number, lines.length + 1)
    lines.push(bytes.toString('latin1'))
  }
  return lines
}

test('lines come out whole however the bytes are cut', async () => {
  const line = fc.string({ unit: fc.constantFrom('a', 'b', '\r', '\u0000', 'ÿ'), maxLength: 20 })
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { minLength: 1 }),
      fc.integer({ min: 1, max: 7 }),
      async (lines, size) => {
        const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(''), 'latin1')
        const chunks: Buffer[] = []
        for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size))
        assert.deepEqual(await read(chunks), lines)
      },
    ),
  )
})

test('the last line may lack its end, and an empty input has no line', async () => {
  assert.deepEqual(await read([Buffer.from('a\nb')]), ['a', 'b'])
  assert.deepEqual(await read([Buffer.from('\n')]), [''])
  assert.deepEqual(await read([]), [])
})

test('a line without end does not fill the memory', async () => {
  const megabyte = Buffer.alloc(1024 * 1024, 'x')
  const endless = Array.from({ length: LINE_BYTES_MAX / megabyte.length + 1 }, () => megabyte)
  await assert.rejects(read(endless), { code: 'INPUT_UNREADABLE', message: /^Line 1 is longer/ })
})
