import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { KmcError } from '../../base/error.ts'
import { FLEET_FILE_BYTES_MAX, readFleetText } from './read.ts'

let folder = ''
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kmc-read-'))
})
after(() => rm(folder, { recursive: true, force: true }))

async function fileOf(content: string | Buffer): Promise<string> {
  const path = join(folder, 'fleet.yaml')
  await writeFile(path, content)
  return path
}

async function errorOf(path: string): Promise<KmcError> {
  const error = await readFleetText(path).then(
    () => null,
    (thrown: unknown) => thrown,
  )
  assert.ok(error instanceof KmcError)
  return error
}

test('a file that is not there leads to kmc init', async () => {
  const error = await errorOf(join(folder, 'nothing.yaml'))
  assert.equal(error.code, 'FLEET_FILE_MISSING')
  assert.match(error.remedy ?? '', /kmc init dr/)
})

test('a folder and a named pipe are no fleet files, and nothing waits for a writer', async () => {
  assert.equal((await errorOf(folder)).code, 'FLEET_FILE_UNREADABLE')
  const pipe = join(folder, 'pipe')
  execFileSync('mkfifo', [pipe])
  assert.equal((await errorOf(pipe)).code, 'FLEET_FILE_UNREADABLE')
})

test('bytes that are not UTF-8 are named by their line', async () => {
  const error = await errorOf(await fileOf(Buffer.from('a: 1\nb: 2\nc: \xff\xfe\n', 'latin1')))
  assert.equal(error.code, 'FLEET_FILE_INVALID')
  assert.match(error.message, /:3:1: .*UTF-8/)
  assert.equal(
    (await errorOf(await fileOf(Buffer.from('\ufeffa: 1\n', 'utf16le')))).code,
    'FLEET_FILE_INVALID',
  )
})

test('a byte order mark is taken, a file of more than 1 MiB is not', async () => {
  assert.equal(await readFleetText(await fileOf('\ufeffa: 1\n')), 'a: 1\n')
  const error = await errorOf(await fileOf('#'.repeat(FLEET_FILE_BYTES_MAX + 1)))
  assert.match(error.message, /at most 1048576/)
})
