import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { readText } from '../../test/kit/read-text.ts'
import { runKmc } from './run.ts'

async function kmc(...argv: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const stdout = new PassThrough()
  const stderr = new PassThrough()
  const code = await runKmc({
    argv,
    environment: {},
    cwd: import.meta.dirname,
    stdin: process.stdin,
    stdout,
    stderr,
    signal: new AbortController().signal,
  })
  return { code, stdout: readText(stdout), stderr: readText(stderr) }
}

test('help goes to stdout and is no failure', async () => {
  for (const argv of [[], ['--help'], ['help']]) {
    const { code, stdout, stderr } = await kmc(...argv)
    assert.equal(code, 0)
    assert.match(stdout, /^Usage: kmc \[options\] <command>/)
    assert.equal(stderr, '')
  }
})

test('help of a command shows its options, the common ones and examples, however it is asked for', async () => {
  const asked = await Promise.all([
    kmc('test', '--help'),
    kmc('help', 'test'),
    kmc('--debug', 'help', 'test'),
  ])
  for (const { code, stdout } of asked) {
    assert.equal(code, 0)
    assert.match(stdout, /--only <suite-or-path>.*Global Options:.*--file <file>.*Examples:\n {2}kmc test\n/s)
  }
})

test('wrong use is exit code 2, with a suggestion', async () => {
  const unknown = await kmc('tset')
  assert.equal(unknown.code, 2)
  assert.equal(unknown.stderr, "error: unknown command 'tset' [USAGE]\n  → Did you mean test?\n")
  assert.equal((await kmc('test', '--onyl', 'x')).code, 2)
  assert.match((await kmc('test', '--onyl', 'x')).stderr, /→ Did you mean --only\?/)
  assert.equal((await kmc('-o', 'xml', 'test')).code, 2)
  assert.equal((await kmc('test', 'superfluous')).code, 2)
})

test('with -o json an error is one line of JSON on stderr, wherever it came from', async () => {
  for (const argv of [
    ['-o', 'json', 'tset'],
    ['test', '--output=json', '--unit', '--real'],
    ['-ojson', 'test', '--bad'],
  ]) {
    const { code, stdout, stderr } = await kmc(...argv)
    assert.equal(code, 2)
    assert.equal(stdout, '')
    const { error } = JSON.parse(stderr) as { error: Record<string, unknown> }
    assert.deepEqual(Object.keys(error), ['code', 'message', 'remedy', 'context'])
    assert.equal(error.code, 'USAGE')
  }
})

const main = join(import.meta.dirname, 'main.ts')
/** As the launcher does: Node before 24.3 warns of type stripping. */
const QUIET = '--disable-warning=ExperimentalWarning'

test('the program prints its version in a moment and without noise', async () => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [QUIET, main, '--version'])
  assert.match(stdout, /^\d+\.\d+\.\d+\n$/)
  assert.equal(stderr, '')
})

test('a reader that goes away is no error', async () => {
  const child = spawn('sh', ['-c', `"${process.execPath}" ${QUIET} "${main}" test --list | true; exit 0`], {
    stdio: 'pipe',
  })
  let stderr = ''
  child.stderr.on('data', (text: Buffer) => {
    stderr += text.toString()
  })
  await new Promise((done) => child.on('close', done))
  assert.equal(stderr, '')
})
