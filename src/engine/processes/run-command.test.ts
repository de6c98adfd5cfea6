import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { runCommand } from './run-command.ts'

const sh = (script: string, env: Record<string, string> = {}) => ({
  file: '/bin/sh',
  args: ['-c', script],
  env,
})

describe('runCommand', { timeout: 20_000 }, () => {
  test('gives input, environment and arguments, and returns output and code', async () => {
    const result = await runCommand(sh('cat; echo "$WORD" >&2; exit 3', { WORD: 'hey' }), { input: 'in\n' })
    assert.deepEqual(result, { code: 3, stdout: 'in\n', stderr: 'hey\n' })
  })

  test('does not hand on its own environment', async () => {
    const { stdout } = await runCommand({ file: '/usr/bin/env', args: [] })
    assert.doesNotMatch(stdout, /^HOME=/m)
  })

  test('hears every line as it comes', async () => {
    const lines: string[] = []
    await runCommand(sh('printf "a\\nb"; sleep 0.05; printf "c\\n"'), { onLine: (line) => lines.push(line) })
    assert.deepEqual(lines, ['a', 'bc'])
  })

  test('ends at its time limit and when it is called off', async () => {
    assert.equal((await runCommand(sh('exec sleep 60'), { timeoutMs: 50 })).code, 128 + 9)
    await assert.rejects(runCommand(sh('exec sleep 60'), { signal: AbortSignal.timeout(50) }), {
      name: 'AbortError',
    })
  })

  test('a program that is not there ends as a shell says', async () => {
    assert.equal((await runCommand({ file: '/no/such/program', args: [] })).code, 127)
  })
})
