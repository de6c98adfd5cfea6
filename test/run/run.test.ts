import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { after, test } from 'node:test'
import { promisify } from 'node:util'
import { leftovers } from './leftovers.ts'
import { type FileResult, lastLine, reportOf } from './results.ts'
import { choose, root, type SuiteKind } from './suites.ts'

const folder = mkdtempSync(join(tmpdir(), 'kmc-run-'))
after(() => rmSync(folder, { recursive: true }))

const HEAD = `import { test, describe } from 'node:test'\nimport assert from 'node:assert/strict'\n`

/** Runs one test file with the runner, in a process that does not know that it stands in a test itself. */
async function runFixture(body: string, limitMs = 20_000, mark: string = randomUUID()): Promise<FileResult> {
  const file = join(folder, `${Math.random().toString(36).slice(2)}.test.mjs`)
  writeFileSync(file, HEAD + body)
  const script = `
    import { runFiles } from ${JSON.stringify(join(root, 'test/run/run-files.ts'))}
    const work = { globs: [], filesAtOnce: 1, fileLimitMs: ${limitMs} }
    const options = { signal: new AbortController().signal, grep: undefined }
    const watcher = { onTest() {}, onFile() {} }
    const results = await runFiles([${JSON.stringify(relative(root, file))}], work, options, watcher)
    process.stdout.write(JSON.stringify(results[0]))`
  const program = file.replace('.test.mjs', '.mjs')
  writeFileSync(program, script)
  const { NODE_TEST_CONTEXT: _, ...environment } = process.env
  const env = { ...environment, KMC_TEST_RUN: mark }
  const { stdout } = await promisify(execFile)(process.execPath, [program], { env })
  return JSON.parse(stdout) as FileResult
}

test('counts tests, not the groups around them, and keeps the reasons of skips', async () => {
  const result = await runFixture(`
    describe('group', () => { test('one', () => {}); test('two', () => {}) })
    test('three', { skip: 'no kcat' }, () => {})
    test('outer', async (t) => { await t.test('inner', () => {}) })`)
  assert.equal(result.passed, 4)
  assert.deepEqual(result.failures, [])
  assert.deepEqual(
    result.skips.map(({ test: name, reason }) => [name, reason]),
    [['three', 'no kcat']],
  )
})

test('a failure tells what was expected and where, without the insides of Node', async () => {
  const { passed, failures } = await runFixture(`test('wrong', () => assert.equal(1, 2, 'one is not two'))`)
  assert.equal(passed, 0)
  assert.equal(failures.length, 1)
  assert.match(failures[0]!.details, /one is not two/)
  assert.match(failures[0]!.details, /\.test\.mjs:3/)
  assert.doesNotMatch(failures[0]!.details, /node:internal/)
})

for (const [name, body, details] of [
  ['a file that throws', `throw new Error('broken file')`, /broken file/],
  ['a file that ends the process', `test('fine', () => {}); process.exitCode = 3`, /./],
  ['a file without a test', `console.log('nothing')`, /holds no test/],
] as const) {
  test(`${name} has failed`, async () => {
    const { failures } = await runFixture(body)
    assert.equal(failures.length, 1)
    assert.match(failures[0]!.details, details)
  })
}

for (const [name, body] of [
  ['does not end', `test('fine', () => { setInterval(() => {}, 1000) })`],
  ['holds on', `process.on('SIGTERM', () => {}); test('fine', () => { setInterval(() => {}, 1000) })`],
] as const) {
  test(`a file that ${name} is ended, and has failed`, async () => {
    const { failures } = await runFixture(body, 1500)
    assert.match(failures.at(-1)!.details, /^Ended after 1500 ms/)
  })
}

test('processes that a test leaves behind are found by their mark', async () => {
  const mark = `mark-${process.pid}`
  await runFixture(
    `import { spawn } from 'node:child_process'
    test('leaves one', () => { spawn('sleep', ['60'], { detached: true, stdio: 'ignore' }).unref() })`,
    20_000,
    mark,
  )
  const left = leftovers(mark)
  assert.deepEqual(
    left.map(({ command }) => command.split(' ')[0]),
    ['sleep'],
  )
  for (const { pid } of left) process.kill(pid, 'SIGKILL')
})

test('the last line has one form', () => {
  const file: FileResult = { file: 'a', passed: 2, failures: [], skips: [], durationMs: 1 }
  const report = reportOf([{ suite: 's', files: [file, file], durationMs: 2 }], 0, 5)
  assert.equal(lastLine(report), '4 passed, 0 failed, 0 skipped')
})

test('suites are chosen by name, files by a part of their path, kinds by flag', async () => {
  const names = async (only: string[], kind: SuiteKind | 'all' = 'all') =>
    (await choose({ only, kind })).map(({ suite, files }) => `${suite.name} ${files.length}`)
  assert.deepEqual(await names(['types']), ['types 0'])
  assert.deepEqual(await names(['test/run/run.test.ts']), ['unit 1'])
  assert.deepEqual(await names(['test/run/run.test.ts'], 'real'), [])
  assert.deepEqual(await names(['no such thing']), [])
  assert.deepEqual(await names(['test/chaos/chaos.test.ts']), [])
  assert.deepEqual(await names([], 'chaos'), ['chaos 1'])
})
