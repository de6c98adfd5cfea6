import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { isRunning, processIdentity } from './identity.ts'
import { endLeftover, parsePidRecord, readLivePid, writePidFile } from './pid-file.ts'

describe('a pid file', { timeout: 20_000 }, () => {
  let folder = ''
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kmc-pid-'))
  })
  after(() => rm(folder, { recursive: true, force: true }))

  test('names a process that runs, and nobody once it has ended', async () => {
    const file = join(folder, 'one')
    const child = spawn('sleep', ['60'])
    const pid = child.pid ?? 0
    await writePidFile(file, pid)
    assert.deepEqual(await readLivePid(file), { pid, identity: processIdentity(pid) })
    child.kill()
    await once(child, 'exit')
    assert.equal(await readLivePid(file), undefined)
  })

  test('never leads to another process with the same pid', async () => {
    const file = join(folder, 'reused')
    const child = spawn('sleep', ['60'])
    const pid = child.pid ?? 0
    await writePidFile(file, pid)
    const { identity } = JSON.parse(await readFile(file, 'utf8')) as { identity: string }
    await writeFile(file, JSON.stringify({ pid, identity: `${identity}0` }))
    assert.equal(await endLeftover(file, 1000), undefined)
    assert.equal(isRunning(pid, identity), true)
    await assert.rejects(stat(file), { code: 'ENOENT' })
    child.kill()
    await once(child, 'exit')
  })

  test('leads to the end of a leftover, by KILL when TERM is not enough', async () => {
    const file = join(folder, 'stubborn')
    const child = spawn('/bin/sh', ['-c', 'trap "" TERM; echo ready; while :; do sleep 0.05; done'])
    await once(child.stdout, 'data')
    await writePidFile(file, child.pid ?? 0)
    const [pid, [, signal]] = await Promise.all([endLeftover(file, 300), once(child, 'exit')])
    assert.deepEqual([pid, signal], [child.pid, 'SIGKILL'])
  })

  test('that is torn or foreign names nobody', () => {
    for (const text of [
      '',
      '{',
      'null',
      '12',
      '{"pid":"12","identity":"x"}',
      '{"pid":1,"identity":"x"}',
      '{"pid":99}',
    ]) {
      assert.equal(parsePidRecord(text), undefined)
    }
    assert.deepEqual(parsePidRecord('{"pid":99,"identity":"a/b"}'), { pid: 99, identity: 'a/b' })
  })
})
