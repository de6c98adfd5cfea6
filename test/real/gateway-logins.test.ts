import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { Secret } from '../../src/base/secret.ts'
import type { RouteSpec } from '../../src/gateway/spec.ts'
import type { Access, User } from '../harness/access.ts'
import { NEWEST, startClusters } from '../harness/clusters.ts'
import { kafkajs } from '../harness/drivers/kafkajs.ts'
import { startRoute } from '../harness/gateways.ts'
import { JavaClient } from '../harness/java/client.ts'
import { temporaryDirectory } from '../harness/temporary.ts'
import { numbered } from '../harness/workloads.ts'
import { makeCertificate, type TestCertificate } from '../kit/certificates.ts'

/** TLS and SASL in front and behind; one cluster under two names, so that a switch leads back to it. */

const { clusters, stop } = await startClusters({ safe: { kafka: NEWEST, security: true } })
const java = await JavaClient.start()
const { safe } = clusters

const authority = makeCertificate({ commonName: 'Front Authority' })
const front = makeCertificate({ commonName: 'front', issuer: authority, names: ['127.0.0.1', 'localhost'] })
const folder = temporaryDirectory('front')
const caFile = join(folder, 'ca.pem')
writeFileSync(caFile, authority.certificate)

/** Key and certificate of a client, as a file. */
function clientPem(name: string, issuer: TestCertificate): string {
  const { key, certificate } = makeCertificate({ commonName: name, issuer, names: [name] })
  const file = join(folder, `${name}.pem`)
  writeFileSync(file, `${key}\n${certificate}\n`, { mode: 0o600 })
  return file
}

const people = makeCertificate({ commonName: 'People' })
const known = clientPem('known', people)
const stranger = clientPem('stranger', makeCertificate({ commonName: 'Strangers' }))

const tls = { certificate: front.certificate, key: new Secret(front.key) }
const both = [
  { name: 'safe', config: safe.config },
  { name: 'again', config: safe.config },
]
const shop = { name: 'shop', password: new Secret('shop-secret') }
const endedHere = {
  mode: 'ended-here',
  mechanisms: ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'],
  users: [shop],
} as const
const specs = {
  passing: { tls, clusters: both, active: 'safe' },
  ending: { tls, clusters: both, active: 'safe', sasl: endedHere },
  mutual: { tls: { ...tls, clientCa: people.certificate }, clusters: both, active: 'safe', sasl: endedHere },
} satisfies Record<string, Partial<RouteSpec>>
const passing = await startRoute([safe], specs.passing)
const ending = await startRoute([safe], specs.ending)
const mutual = await startRoute([safe], specs.mutual)

after(async () => {
  await Promise.all([passing, ending, mutual].map(({ route }) => route.stop()))
  await java.close()
  await stop()
})

const clusterUser = safe.access.user!
const through = ({ access }: { readonly access: Access }, user: User): Access => ({ ...access, caFile, user })
const shopBy = (mechanism: User['mechanism'], password = 'shop-secret'): User => ({
  mechanism,
  username: 'shop',
  password,
})

async function switchOver({ route }: typeof passing, to: string) {
  await route.enter('parked', { deadlineMs: 10_000 })
  return route.swap(to)
}

describe('logins that pass through', () => {
  test('the cluster decides, and PLAIN is told to the next cluster without the client', async () => {
    const access = through(passing, { ...clusterUser, mechanism: 'PLAIN' })
    await java.createTopics(access, [{ name: 'passed', partitions: 1 }])
    await java.open(access, 'by-plain')
    await java.send('by-plain', 'passed', numbered('before', 10))
    const { kept, closed } = await switchOver(passing, 'again')
    assert.ok(kept > 0 && closed === 0, JSON.stringify({ kept, closed, log: passing.log }))
    assert.deepEqual(await java.send('by-plain', 'passed', numbered('after', 2)), [10, 11])
    await java.closeProducer('by-plain')
  })

  test('SCRAM cannot be said again: its connection is closed, and the client goes on', async () => {
    const access = through(passing, clusterUser)
    assert.equal(clusterUser.mechanism, 'SCRAM-SHA-512')
    await java.open(access, 'by-scram')
    await java.send('by-scram', 'passed', numbered('before', 1))
    assert.ok(passing.route.census().some(({ inSwitch }) => inSwitch.includes('SCRAM')))
    assert.ok((await switchOver(passing, 'safe')).closed > 0)
    await java.send('by-scram', 'passed', numbered('after', 1))
    await java.closeProducer('by-scram')
  })

  test('who is refused by the cluster stays outside', async () => {
    const wrong = { ...clusterUser, password: 'wrong' }
    await assert.rejects(java.topics(through(passing, wrong)), /SaslAuthentication/)
  })
})

describe('logins that end here', () => {
  for (const mechanism of endedHere.mechanisms) {
    test(`a user of the route enters by ${mechanism}, and stays connected in a switch`, async () => {
      const access = through(ending, shopBy(mechanism))
      const name = `by-${mechanism}`
      await java.createTopics(access, [{ name, partitions: 1 }])
      await java.open(access, name)
      await java.send(name, name, numbered('before', 5))
      const to = ending.route.status().active === 'safe' ? 'again' : 'safe'
      assert.equal((await switchOver(ending, to)).closed, 0)
      assert.deepEqual(await java.send(name, name, numbered('after', 1)), [5])
      await java.closeProducer(name)
      assert.equal((await java.read(access, name)).length, 6)
    })
  }

  test('kafkajs enters too', async () => {
    const access = through(ending, shopBy('SCRAM-SHA-256'))
    await kafkajs.write(access, 'by-PLAIN', numbered('js', 3), 'none')
    assert.equal((await java.read(safe.access, 'by-PLAIN')).length, 9)
  })

  test('a wrong password, an unknown user, no login at all: outside', async () => {
    for (const mechanism of endedHere.mechanisms) {
      await assert.rejects(java.topics(through(ending, shopBy(mechanism, 'wrong'))), /SaslAuthentication/)
      const nobody = { ...shopBy(mechanism), username: 'nobody' }
      await assert.rejects(java.topics(through(ending, nobody)), /SaslAuthentication/)
    }
    await assert.rejects(java.topics(through(ending, clusterUser)), /SaslAuthentication/)
  })

  test('the census names users, and nothing shows a password', () => {
    const text = JSON.stringify([ending.route.census(), ending.route.status(), ending.log, passing.log])
    assert.match(text, /"principal":"shop"/)
    assert.ok(!text.includes('shop-secret') && !text.includes(clusterUser.password))
  })
})

describe('mutual TLS', () => {
  const access = { ...through(mutual, shopBy('PLAIN')), pemFile: known }

  test('a client with a certificate of its own enters, and stays in a switch', async () => {
    await java.createTopics(access, [{ name: 'mutual', partitions: 1 }])
    await java.open(access, 'certified')
    await java.send('certified', 'mutual', numbered('before', 3))
    await switchOver(mutual, 'again')
    assert.deepEqual(await java.send('certified', 'mutual', numbered('after', 2)), [3, 4])
    await java.closeProducer('certified')
    await kafkajs.write(access, 'mutual', numbered('js', 2), 'none')
    assert.equal((await java.read(access, 'mutual')).length, 7)
  })

  test('without one, or with that of a stranger: outside', async () => {
    const { pemFile: _, ...bare } = access
    await assert.rejects(java.topics(bare), /Ssl|SSL/)
    await assert.rejects(java.topics({ ...access, pemFile: stranger }), /Ssl|SSL/)
  })
})
