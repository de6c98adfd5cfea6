import assert from 'node:assert/strict'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { connect } from 'node:tls'
import { inspect } from 'node:util'
import type { ManagedCluster } from '../../src/engine/kafka/cluster.ts'
import { toolClass } from '../../src/engine/kafka/tool-names.ts'
import { makeCluster, rememberingLog } from './engine-support.ts'

const TIMEOUT_MS = 600_000

for (const [version, basePort] of [['4.3.1', 20540] as const, ['3.9.2', 20550] as const]) {
  test(`${version} with security lets in who has the password and nobody else`, {
    timeout: TIMEOUT_MS,
  }, async (t) => {
    const log = rememberingLog()
    const cluster = await makeCluster(t, { basePort, security: true, kafka: { version } }, { log })
    await cluster.start()
    const properties = await cluster.clientProperties()
    const created = await topics(cluster, version, properties, ['--create', '--topic', 'secrets'])
    assert.equal(created.code, 0, created.stderr)

    const text = await readFile(properties, 'utf8')
    const plain = text
      .replace('SCRAM-SHA-512', 'PLAIN')
      .replace('scram.ScramLoginModule', 'plain.PlainLoginModule')
    const listed = await topics(cluster, version, await beside(properties, 'plain', plain), ['--list'])
    assert.equal(listed.code, 0, listed.stderr)
    assert.equal(listed.stdout.trim(), 'secrets')

    const wrong = text.replace(/password="[^"]*"|password=\\"[^"]*\\"/, 'password="wrong"')
    const refused = await topics(cluster, version, await beside(properties, 'wrong', wrong), ['--list'])
    assert.notEqual(refused.code, 0)
    assert.match(refused.stdout + refused.stderr, /SaslAuthenticationException/)

    await passwordsStayHidden(cluster, log.lines)
  })
}

describe('a secured cluster', { timeout: TIMEOUT_MS }, () => {
  test('denies whom no ACL allows, shows its own certificate, and keeps that over a restart', async (t) => {
    const cluster = await makeCluster(t, { basePort: 20560, security: true, brokers: 3 })
    await cluster.start()
    const properties = await cluster.clientProperties()
    const created = await topics(cluster, '4.3.1', properties, ['--create', '--topic', 'secrets'])
    assert.equal(created.code, 0, created.stderr)
    const bootstrap = [
      '--bootstrap-server',
      cluster.clientAccess.bootstrap.join(','),
      '--command-config',
      properties,
    ]
    const user = ['--alter', '--entity-type', 'users', '--entity-name', 'guest']
    const scram = ['--add-config', 'SCRAM-SHA-512=[iterations=4096,password=guest-word]']
    const added = await cluster.javaTool(toolClass('configs', '4.3.1'), [...bootstrap, ...user, ...scram])
    assert.equal(added.code, 0, added.stderr)
    const text = await readFile(properties, 'utf8')
    const guest = text.replace(/username="[^"]*" password="[^"]*"/, 'username="guest" password="guest-word"')
    const seen = await topics(cluster, '4.3.1', await beside(properties, 'guest', guest), ['--list'])
    assert.deepEqual([seen.code, seen.stdout.trim()], [0, ''], 'a guest signs in and sees nothing')

    const before = cluster.clientAccess
    for (const host of ['127.0.0.1', 'localhost']) await certificateIsValid(host, cluster)
    await cluster.stop()
    await cluster.start()
    assert.deepEqual(cluster.clientAccess.tls, before.tls)
    assert.equal(cluster.clientAccess.sasl?.password.reveal(), before.sasl?.password.reveal())
    const listed = await topics(cluster, '4.3.1', properties, ['--list'])
    assert.equal(listed.stdout.trim(), 'secrets')
  })
})

function topics(cluster: ManagedCluster, version: string, properties: string, args: readonly string[]) {
  const bootstrap = ['--bootstrap-server', cluster.clientAccess.bootstrap.join(',')]
  const whole = [...bootstrap, '--command-config', properties, ...args]
  return cluster.javaTool(toolClass('topics', version), whole, { timeoutMs: 120_000 })
}

async function beside(properties: string, name: string, text: string): Promise<string> {
  const path = join(properties, '..', `${name}.properties`)
  await writeFile(path, text, { mode: 0o600 })
  return path
}

function certificateIsValid(host: string, cluster: ManagedCluster): Promise<void> {
  const port = Number(cluster.clientAccess.bootstrap[0]?.split(':')[1])
  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port,
      servername: host === 'localhost' ? host : '',
      ca: cluster.clientAccess.tls?.ca,
    })
    socket.once('secureConnect', () => {
      socket.destroy()
      resolve()
    })
    socket.once('error', reject)
  })
}

/** No password in the log, in what is printed, or in a file that others may read. */
async function passwordsStayHidden(cluster: ManagedCluster, lines: readonly object[]): Promise<void> {
  const password = cluster.clientAccess.sasl?.password.reveal() ?? ''
  assert.ok(password.length >= 32)
  assert.ok(!inspect(lines, { depth: 9 }).includes(password))
  assert.ok(!inspect(cluster.clientAccess, { depth: 9 }).includes(password))
  const { directory } = cluster.spec
  let holders = 0
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    if (!(await readFile(path, 'latin1')).includes(password)) continue
    holders++
    assert.equal((await stat(path)).mode & 0o077, 0, `${path} can be read by others`)
  }
  assert.ok(holders >= 2)
}
