import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { LogFile } from './log-file.ts'

test('a log keeps the newest text and never more than twice its limit', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'kmc-log-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const path = join(directory, 'logs', 'x.log')
  const log = new LogFile(path, 100)
  for (let line = 0; line < 50; line++) log.write(`line ${line} with some text\n`)
  log.close()
  const now = readFileSync(path, 'utf8')
  const before = readFileSync(`${path}.1`, 'utf8')
  assert.ok(now.length <= 100 && before.length <= 100)
  assert.match(now, /line 49 with some text\n$/)
  assert.equal(Number(/^line (\d+)/.exec(now)![1]), Number(/line (\d+) [a-z ]+\n$/.exec(before)![1]) + 1)

  const again = new LogFile(path, 100)
  again.write('after a restart\n')
  again.close()
  assert.match(readFileSync(path, 'utf8'), /line 49[\s\S]*after a restart\n$/)
})
