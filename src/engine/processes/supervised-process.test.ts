import assert from 'node:assert/strict'
import { access, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { processIdentity } from './identity.ts'
import type { LifecyclePolicy } from './lifecycle.ts'
import { SupervisedProcess } from './supervised-process.ts'

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/** A shell script that is "ready" once it has made the file `ready`. */
async function make(
  t: TestContext,
  script: string,
  policy: Partial<LifecyclePolicy> = {},
  beforeSpawn: (folder: string) => Promise<unknown> = async () => {},
) {
  const folder = await mkdtemp(join(tmpdir(), 'kmc-supervised-'))
  const exists = (name: string) =>
    access(join(folder, name)).then(
      () => true,
      () => false,
    )
  const supervised = new SupervisedProcess({
    name: 'script',
    command: async () => {
      await beforeSpawn(folder)
      return {
        file: '/bin/sh',
        args: ['-c', script],
        env: { PATH: process.env.PATH ?? '' },
        directory: folder,
      }
    },
    pidFile: join(folder, 'pid'),
    consoleFile: join(folder, 'console'),
    probe: () => exists('ready'),
    explain: async ({ code, signal }) => `ended with ${signal ?? code}`,
    log: silent,
    policy: { backoffMinMs: 10, ...policy },
  })
  t.after(async () => {
    await supervised.stop()
    // What the script has just begun may still write there.
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  })
  return { supervised, folder, exists }
}

describe('a supervised process', { timeout: 30_000 }, () => {
  test('runs once it answers, keeps its output, and leaves no pid file when stopped', async (t) => {
    const { supervised, folder, exists } = await make(t, 'echo hello; touch ready; exec sleep 60')
    assert.deepEqual((await supervised.start()).name, 'running')
    assert.equal(await exists('pid'), true)
    assert.match(await readFile(join(folder, 'console'), 'utf8'), /hello/)
    await supervised.stop()
    assert.deepEqual(
      [supervised.state.name, supervised.pid, await exists('pid')],
      ['stopped', undefined, false],
    )
  })

  test('that ends before it answers has failed with its reason', async (t) => {
    const { supervised } = await make(t, 'exit 3')
    assert.deepEqual(await supervised.start(), { name: 'failed', reason: 'ended with 3' })
  })

  test('that never answers is killed at its deadline', async (t) => {
    const { supervised } = await make(t, 'exec sleep 60', { startDeadlineMs: 200 })
    const state = await supervised.start()
    assert.deepEqual(state, { name: 'failed', reason: 'gave no answer within 0.2 s and was killed' })
  })

  test('is started again after a kill from outside', async (t) => {
    const { supervised } = await make(t, 'touch ready; exec sleep 60')
    await supervised.start()
    const before = supervised.pid
    supervised.signal('SIGKILL')
    while (supervised.restarts === 0 || supervised.state.name !== 'running') await sleep(10)
    assert.notEqual(supervised.pid, before)
  })

  test('is killed when it does not listen to TERM', async (t) => {
    const { supervised } = await make(t, 'trap "" TERM; touch ready; while :; do sleep 0.05; done', {
      stopDeadlineMs: 200,
    })
    await supervised.start()
    await supervised.stop()
    assert.equal(supervised.state.name, 'stopped')
  })

  test('whose program does not exist has failed', async (t) => {
    const { supervised, folder } = await make(t, '')
    await rm(folder, { recursive: true })
    assert.equal((await supervised.start()).name, 'failed')
  })

  test('that cannot be remembered in its pid file is not left running', async (t) => {
    const blockPidFile = (folder: string) => mkdir(join(folder, 'pid', 'in-the-way'), { recursive: true })
    const script = 'echo $$ > started; touch ready; exec sleep 60'
    const { supervised, folder } = await make(t, script, {}, blockPidFile)
    assert.equal((await supervised.start()).name, 'failed')
    assert.equal(supervised.pid, undefined)
    const started = await readFile(join(folder, 'started'), 'utf8').catch(() => '')
    assert.ok(started === '' || processIdentity(Number(started)) === undefined)
  })

  test('appends to a console file that never grows without end', async (t) => {
    const { supervised, folder } = await make(t, 'echo new; touch ready; exec sleep 60')
    await writeFile(join(folder, 'console'), Buffer.alloc(5 * 1024 * 1024, 'x'))
    await supervised.start()
    assert.equal(await readFile(join(folder, 'console'), 'utf8'), 'new\n')
  })
})
