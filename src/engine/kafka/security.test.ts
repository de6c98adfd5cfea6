import assert from 'node:assert/strict'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { Secret } from '../../base/secret.ts'
import { ensureCredentials } from './credentials.ts'
import { clientAccess, clientProperties, securityProperties } from './security.ts'

const security = {
  credentials: {
    adminPassword: new Secret('admin-word'),
    brokerPassword: new Secret('broker-word'),
    keystorePassword: new Secret('store-word'),
  },
  certificates: { caFile: '/s/ca.pem', ca: 'PEM', keystoreFile: '/s/broker.p12' },
}

describe('a secured cluster', () => {
  test('lets clients sign in by both mechanisms, controllers with the brokers’ password only', () => {
    const properties = securityProperties(security)
    assert.equal(properties['sasl.enabled.mechanisms'], 'PLAIN,SCRAM-SHA-512')
    const controller = properties['listener.name.controller.plain.sasl.jaas.config'] ?? ''
    assert.match(controller, /user_kmc-broker="broker-word"/)
    assert.doesNotMatch(controller, /admin-word/)
    assert.match(properties['listener.name.client.plain.sasl.jaas.config'] ?? '', /user_kmc="admin-word"/)
    assert.equal(properties['super.users'], 'User:kmc;User:kmc-broker')
  })

  test('gives access in the shape of a client’s configuration, with a password that does not print', () => {
    const access = clientAccess(['127.0.0.1:1'], security)
    assert.deepEqual(
      [access.tls, access.sasl?.mechanism, access.sasl?.username],
      [{ ca: 'PEM' }, 'SCRAM-SHA-512', 'kmc'],
    )
    assert.doesNotMatch(JSON.stringify(access), /admin-word/)
    assert.deepEqual(clientAccess(['127.0.0.1:1'], undefined), { bootstrap: ['127.0.0.1:1'] })
  })

  test('tells Java clients to trust its own authority', () => {
    const properties = clientProperties(['a:1', 'b:2'], security)
    assert.equal(properties['bootstrap.servers'], 'a:1,b:2')
    assert.equal(properties['ssl.truststore.location'], '/s/ca.pem')
    assert.deepEqual(clientProperties(['a:1'], undefined), { 'bootstrap.servers': 'a:1' })
  })
})

describe('passwords', () => {
  test('are made once, differ, and are for the owner’s eyes', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'kmc-secret-'))
    t.after(() => rm(folder, { recursive: true, force: true }))
    const made = await ensureCredentials(folder)
    const again = await ensureCredentials(folder)
    assert.equal(again.adminPassword.reveal(), made.adminPassword.reveal())
    const all = [made.adminPassword, made.brokerPassword, made.keystorePassword].map((secret) =>
      secret.reveal(),
    )
    assert.equal(new Set(all).size, 3)
    for (const password of all) assert.match(password, /^[A-Za-z0-9_-]{32}$/)
    assert.equal((await stat(join(folder, 'passwords.json'))).mode & 0o777, 0o600)
  })

  test('that cannot be read are not made anew, and the error does not quote them', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'kmc-secret-'))
    t.after(() => rm(folder, { recursive: true, force: true }))
    for (const text of ['{"adminPassword":"hidden', '{"adminPassword":"hidden"}', 'null']) {
      await writeFile(join(folder, 'passwords.json'), text)
      await assert.rejects(ensureCredentials(folder), (error: Error & { code?: string }) => {
        assert.equal(error.code, 'CLUSTER_STATE_UNREADABLE')
        assert.doesNotMatch(error.message, /hidden/)
        return true
      })
    }
  })
})
