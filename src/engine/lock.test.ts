import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { FileLock } from './lock.ts'

describe('a file lock', { timeout: 30_000 }, () => {
  let folder = ''
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kmc-lock-'))
  })
  after(() => rm(folder, { recursive: true, force: true }))

  test('is held by one at a time, also within a process', () => {
    const path = join(folder, 'deep', 'one')
    const first = FileLock.tryAcquire(path)
    assert.ok(first !== undefined)
    assert.equal(FileLock.tryAcquire(path), undefined)
    first.release()
    const second = FileLock.tryAcquire(path)
    assert.ok(second !== undefined)
    second.release()
  })

  test('is free again when its holder is killed', async () => {
    const path = join(folder, 'killed')
    const holder = `import { FileLock } from '${new URL('./lock.ts', import.meta.url)}'
      console.log(FileLock.tryAcquire(process.argv[1]) !== undefined)
      setInterval(() => {}, 1000)`
    const child = spawn(process.execPath, ['--input-type=module', '--eval', holder, path], { stdio: 'pipe' })
    const [line] = (await once(child.stdout, 'data')) as [Buffer]
    assert.equal(line.toString().trim(), 'true')
    assert.equal(FileLock.tryAcquire(path), undefined)
    let waited = false
    const waiting = FileLock.acquire(path, 10_000, { onWait: () => (waited = true) })
    child.kill('SIGKILL')
    const lock = await waiting
    assert.equal(waited, true)
    lock.release()
  })

  test('waiting ends at its limit, or when it is called off', async () => {
    const path = join(folder, 'limit')
    const held = FileLock.tryAcquire(path)
    await assert.rejects(FileLock.acquire(path, 150), { code: 'LOCK_TIMEOUT' })
    const signal = AbortSignal.timeout(50)
    await assert.rejects(FileLock.acquire(path, 10_000, { signal }), { name: 'AbortError' })
    held?.release()
  })
})
