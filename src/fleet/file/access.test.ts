import assert from 'node:assert/strict'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { inspect } from 'node:util'
import { KmcError } from '../../base/error.ts'
import { externalClusterConfig, linkSpec } from './access.ts'
import type { ExternalClusterDeclaration } from './fleet.ts'
import { parseFleet } from './load.ts'

const { fleet } = parseFleet(`
clusters:
  a:
  t:
    bootstrap: ["h:1", "h:2"]
    clusterId: abc
    tls: { ca: file:ca.pem, certificate: file:c.pem, key: file:k.pem, keyPassword: env:KP, serverName: s }
    sasl: { mechanism: SCRAM-SHA-256, username: u, password: env:P }
  o: { bootstrap: ["o:1"], tls: {}, sasl: { mechanism: OAUTHBEARER, token: env:T } }
links:
  there: { from: a, to: t, prefix: "a." }
  back: { from: t, to: a, prefix: "t.", start: latest }
`)
const cluster = (name: string) => fleet.clusters[name] as ExternalClusterDeclaration

let directory = ''
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kmc-access-'))
  await writeFile(join(directory, 'ca.pem'), '-----BEGIN CERTIFICATE-----\nca\n')
  await writeFile(join(directory, 'c.pem'), '-----BEGIN CERTIFICATE-----\nc\n')
  await writeFile(join(directory, 'k.pem'), `-----BEGIN ${'PRIVATE'} KEY-----\nk\n`)
  await chmod(join(directory, 'k.pem'), 0o600)
})
after(() => rm(directory, { recursive: true, force: true }))

test('a cluster is reached with all its file says, secrets wrapped', async () => {
  const config = await externalClusterConfig(cluster('t'), { directory, env: { KP: 'one', P: 'two' } })
  const { tls, sasl, ...rest } = config
  assert.deepEqual(rest, { name: 't', bootstrap: ['h:1', 'h:2'], expectedClusterId: 'abc' })
  assert.equal(tls?.ca, '-----BEGIN CERTIFICATE-----\nca\n')
  assert.equal(tls?.serverName, 's')
  assert.match(tls?.key?.reveal() ?? '', /\nk\n/)
  assert.equal(tls?.keyPassword?.reveal(), 'one')
  assert.ok(sasl?.mechanism === 'SCRAM-SHA-256' && sasl.password.reveal() === 'two')
  assert.doesNotMatch(inspect(config, { depth: 9 }) + JSON.stringify(config), /\btwo\b|\bone\b/)
})

test('tls without keys is tls, and a token is a secret', async () => {
  const config = await externalClusterConfig(cluster('o'), { directory, env: { T: 'tok' } })
  assert.deepEqual(config.tls, {})
  assert.ok(config.sasl?.mechanism === 'OAUTHBEARER' && typeof config.sasl.token !== 'function')
  assert.equal(config.sasl.token.reveal(), 'tok')
})

test('a secret that went away is named with its key', async () => {
  await assert.rejects(externalClusterConfig(cluster('o'), { directory, env: {} }), (error) => {
    assert.ok(error instanceof KmcError)
    assert.equal(error.code, 'SECRET_UNAVAILABLE')
    assert.equal(error.message, 'clusters.o.sasl.token: the environment variable T is not set')
    return true
  })
})

test('the worker of a link is told what it must leave out', () => {
  const ends = { source: { name: 't', bootstrap: [] }, destination: { name: 'a', bootstrap: [] } }
  const spec = linkSpec(fleet.links.back!, ends.source, ends.destination)
  assert.deepEqual(spec, {
    ...ends,
    name: 'back',
    topics: ['*', '!a.*'],
    groups: ['*'],
    prefix: 't.',
    start: { at: 'latest' },
    workers: 1,
    producerIdsFrom: 0,
  })
})
