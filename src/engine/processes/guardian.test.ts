import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { dismissGuardian, guarded } from './guardian.ts'
import { processIdentity } from './identity.ts'

const TIMEOUT_MS = 20_000

function start(script: string, graceSeconds: number) {
  const command = { file: '/bin/sh', args: ['-c', script], env: {} }
  const { file, args } = guarded(command, graceSeconds)
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit', 'pipe'], detached: true })
  const { stdin, stdout } = child
  assert.ok(stdin !== null && stdout !== null)
  return { child, stdin, stdout }
}

describe('a guarded process', { timeout: TIMEOUT_MS }, () => {
  test('keeps the pid of the shell that started it, and its standard streams', async () => {
    const { child, stdin, stdout } = start('read -r line; echo "$$ $line"', 5)
    stdin.end('hello\n')
    const [line] = (await once(stdout, 'data')) as [Buffer]
    assert.equal(line.toString(), `${child.pid} hello\n`)
    await once(child, 'exit')
    dismissGuardian(child)
  })

  test('gets TERM when the pipe to its supervisor breaks', async () => {
    const { child, stdout } = start('trap "exit 7" TERM; echo ready; while :; do sleep 0.05; done', 5)
    await once(stdout, 'data')
    child.stdio[3]?.destroy()
    assert.deepEqual(await once(child, 'exit'), [7, null])
  })

  test('gets KILL after the grace when it does not listen', async () => {
    const { child, stdout } = start('trap "" TERM; echo ready; while :; do sleep 0.05; done', 1)
    await once(stdout, 'data')
    child.stdio[3]?.destroy()
    assert.deepEqual(await once(child, 'exit'), [null, 'SIGKILL'])
  })

  test('gets nothing from a guardian that was dismissed, and the guardian goes', async () => {
    const { child, stdout } = start('echo ready; exec sleep 1', 0)
    await once(stdout, 'data')
    dismissGuardian(child)
    assert.deepEqual(await once(child, 'exit'), [0, null])
    await sleep(50)
    assert.equal(processIdentity(child.pid ?? 0), undefined)
  })
})
