import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileSize, LOG_TAIL_BYTES_MAX, lastLines, readTail, rotateIfLarge } from './log-tail.ts'

describe('the end of a log', () => {
  let folder = ''
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kmc-tail-'))
  })
  after(() => rm(folder, { recursive: true, force: true }))

  test('is what was written since the mark', async () => {
    const path = join(folder, 'a')
    assert.equal(await fileSize(path), 0)
    assert.equal(await readTail(path, 0), '')
    await writeFile(path, 'old\nnew\n')
    assert.equal(await readTail(path, 4), 'new\n')
  })

  test('is all of a log that was rotated since the mark', async () => {
    const path = join(folder, 'b')
    await writeFile(path, 'fresh\n')
    assert.equal(await readTail(path, 1000), 'fresh\n')
  })

  test('is bounded', async () => {
    const path = join(folder, 'c')
    await writeFile(path, `${'x'.repeat(LOG_TAIL_BYTES_MAX)}end`)
    const tail = await readTail(path, 0)
    assert.equal(tail.length, LOG_TAIL_BYTES_MAX)
    assert.ok(tail.endsWith('xend'))
  })

  test('a log that is too large is moved aside', async () => {
    const path = join(folder, 'd')
    await writeFile(path, '123456')
    await rotateIfLarge(path, 6)
    assert.equal(await fileSize(path), 6)
    await rotateIfLarge(path, 5)
    assert.deepEqual([await fileSize(path), await readFile(`${path}.1`, 'utf8')], [0, '123456'])
  })

  test('lastLines leaves out empty ones', () => {
    assert.deepEqual(lastLines('a\n\nb\n  \nc\n', 2), ['b', 'c'])
  })
})
