import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { takeSupervisorLock } from './supervisor-lock.ts'

const program = new URL('./supervisor-lock.ts', import.meta.url)

test('one holder at a time, and kill -9 of the holder frees it', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'kmc-lock-'))
  t.after(() => rm(directory, { recursive: true }))
  const file = join(directory, 'run', 'supervisor.lock')
  const source = `
    const { takeSupervisorLock } = await import(${JSON.stringify(program.href)})
    console.log(takeSupervisorLock(${JSON.stringify(file)}) === null ? 'busy' : 'held')
    setInterval(() => undefined, 1000)`
  const holder = spawn(process.execPath, ['--input-type=module', '-e', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.after(() => holder.kill('SIGKILL'))
  const [said] = await once(holder.stdout, 'data')
  assert.equal(String(said).trim(), 'held')
  assert.equal(takeSupervisorLock(file), null)

  holder.kill('SIGKILL')
  await once(holder, 'exit')
  const lock = takeSupervisorLock(file)
  assert.ok(lock !== null)
  lock.release()
  takeSupervisorLock(file)!.release()
})
