import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type ReferenceKind, resolveReference } from './references.ts'

let directory = ''
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kmc-references-'))
})
after(() => rm(directory, { recursive: true, force: true }))

const resolved = (reference: string, kind: ReferenceKind = 'secret', env: Record<string, string> = {}) =>
  resolveReference(reference, kind, { directory, env })

async function reasonOf(
  reference: string,
  kind?: ReferenceKind,
  env?: Record<string, string>,
): Promise<string> {
  const result = await resolved(reference, kind, env)
  assert.ok(!result.ok)
  return result.reason
}

async function file(name: string, content: string, mode = 0o600): Promise<string> {
  await writeFile(join(directory, name), content)
  await chmod(join(directory, name), mode)
  return `file:${name}`
}

test('a variable and a private file give their text, without the line end', async () => {
  const fromEnv = await resolved('env:PW', 'secret', { PW: 's3cret' })
  assert.ok(fromEnv.ok && fromEnv.secret.reveal() === 's3cret')
  const fromFile = await resolved(await file('pw', 's3cret\n'))
  assert.ok(fromFile.ok && fromFile.secret.reveal() === 's3cret')
})

test('what is missing is named', async () => {
  assert.equal(await reasonOf('env:NOPE'), 'the environment variable NOPE is not set')
  assert.equal(
    await reasonOf('env:EMPTY', 'secret', { EMPTY: '' }),
    'the environment variable EMPTY is empty',
  )
  assert.equal(await reasonOf('file:none'), 'there is no file none')
  assert.match(await reasonOf(await file('blank', '\n')), /is empty/)
})

test('a secret that others can read is refused with the command that mends it', async () => {
  const reference = await file('open', 's3cret', 0o640)
  assert.equal(
    await reasonOf(reference),
    `open can be read by others (mode 0640); run: chmod 600 ${join(directory, 'open')}`,
  )
  assert.match(await reasonOf(await file('key', '', 0o644), 'private-key'), /chmod 600/)
})

test('certificates may be public, and must be certificates', async () => {
  const certificate = await resolved(
    await file('ca.pem', '-----BEGIN CERTIFICATE-----\n', 0o644),
    'certificate',
  )
  assert.ok(certificate.ok)
  assert.match(
    await reasonOf(await file('x.pem', 'hello', 0o644), 'certificate'),
    /no certificate in PEM form/,
  )
  assert.match(await reasonOf(await file('y.pem', 'hello'), 'private-key'), /no private key in PEM form/)
})

test('folders, named pipes and large files are refused without waiting', async () => {
  assert.match(await reasonOf('file:.'), /not a regular file/)
  execFileSync('mkfifo', [join(directory, 'pipe')])
  assert.match(await reasonOf('file:pipe'), /not a regular file/)
  assert.match(await reasonOf(await file('large', 'x'.repeat(1024 * 1024 + 1))), /larger than 1 MiB/)
})
