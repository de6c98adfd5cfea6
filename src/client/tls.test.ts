import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { assertCode } from '../../test/kit/assert-code.ts'
import { makeCertificate } from '../../test/kit/certificates.ts'
import { ScriptedBroker } from '../../test/kit/scripted-broker.ts'
import { Secret } from '../base/secret.ts'
import type { TlsConfig } from './config.ts'
import { Connection } from './connection.ts'
import { prepareTls } from './tls.ts'

const authority = makeCertificate({ commonName: 'Proper CA' })
const other = makeCertificate({ commonName: 'Other CA' })
const names = ['localhost', '127.0.0.1']
const server = makeCertificate({ commonName: 'broker', issuer: authority, names })
const client = makeCertificate({ commonName: 'client', issuer: authority, names: [] })
const serverTls = { cert: server.certificate + authority.certificate, key: server.key }
const mutualTls = { ...serverTls, ca: authority.certificate, requestCert: true, rejectUnauthorized: true }
const own = { certificate: client.certificate, key: new Secret(client.key) }

function open(broker: ScriptedBroker, tls?: TlsConfig): Promise<Connection> {
  const times = { connectTimeoutMs: 5_000, requestTimeoutMs: 5_000 }
  const prepared = tls === undefined ? {} : { tls: prepareTls(tls) }
  return Connection.open({ address: broker.address, clientId: 'test', ...times, ...prepared })
}

function refused(code: string, message: RegExp, remedy = /./) {
  return (error: Error & { code?: string; remedy?: string }): boolean => {
    assert.equal(error.code, code, error.message)
    assert.match(error.message, message)
    assert.match(error.remedy ?? '', remedy)
    return true
  }
}

describe('the broker’s certificate', () => {
  test('is accepted when its authority is given', async () => {
    await using broker = await ScriptedBroker.start({}, serverTls)
    const connection = await open(broker, { ca: authority.certificate })
    assert.equal(connection.isOpen, true)
    connection.close()
  })

  test('is accepted when it is itself at hand, and that is said', async () => {
    await using broker = await ScriptedBroker.start({}, { cert: server.certificate, key: server.key })
    const ca = server.certificate
    await assert.rejects(open(broker, { ca }), refused('TLS_UNTRUSTED', /Proper CA/))
    const connection = await open(broker, { ca, trustsLeaf: true })
    connection.close()
    await assert.rejects(open(broker, { ca: client.certificate, trustsLeaf: true }))
  })

  for (const [whose, ca] of [
    ['another authority', other.certificate],
    ['the built-in ones', undefined],
  ] as const) {
    test(`is refused with ${whose}, and the error names the one that is missing`, async () => {
      await using broker = await ScriptedBroker.start({}, serverTls)
      const why = refused(
        'TLS_UNTRUSTED',
        /leads to "CN=Proper CA"/,
        /certificate of "CN=Proper CA" \(PEM\) as tls\.ca/,
      )
      await assert.rejects(open(broker, ca === undefined ? {} : { ca }), why)
      assert.deepEqual(broker.requests, [])
    })
  }

  test('is refused under another name, and accepted under a name it carries', async () => {
    await using broker = await ScriptedBroker.start({}, serverTls)
    const tls = { ca: authority.certificate }
    const why = refused(
      'TLS_UNTRUSTED',
      /it is for DNS:localhost, IP Address:127\.0\.0\.1/,
      /tls\.serverName/,
    )
    await assert.rejects(open(broker, { ...tls, serverName: 'kafka.example' }), why)
    const connection = await open(broker, { ...tls, serverName: 'localhost' })
    connection.close()
  })

  test('is refused when it has expired', async () => {
    const old = makeCertificate({
      commonName: 'old',
      issuer: authority,
      names,
      notAfter: new Date(Date.now() - 60_000),
    })
    await using broker = await ScriptedBroker.start({}, { cert: old.certificate, key: old.key })
    await assert.rejects(open(broker, { ca: authority.certificate }), refused('TLS_UNTRUSTED', /expired on/))
  })

  test('is not looked at when verification is off', async () => {
    await using broker = await ScriptedBroker.start({}, serverTls)
    const connection = await open(broker, { verify: false })
    connection.close()
  })
})

describe('our certificate', () => {
  test('is shown when the broker asks', async () => {
    await using broker = await ScriptedBroker.start({}, mutualTls)
    const connection = await open(broker, { ca: authority.certificate, ...own })
    connection.close()
  })

  test('is missed by a broker that needs one', async () => {
    await using broker = await ScriptedBroker.start({}, mutualTls)
    const why = refused('AUTHENTICATION_FAILED', /wants a client certificate/)
    await assert.rejects(open(broker, { ca: authority.certificate }), why)
  })

  test('that cannot be read is said so before anything is sent', () => {
    assertCode('TLS_CONFIG_INVALID', () => prepareTls({ certificate: 'no PEM', key: new Secret('neither') }))
    assertCode('TLS_CONFIG_INVALID', () => prepareTls({ ...own, key: new Secret(server.key) }))
  })
})

describe('TLS on one side only', () => {
  test('plain text to a TLS listener', async () => {
    await using broker = await ScriptedBroker.start({}, serverTls)
    await assert.rejects(open(broker), refused('NOT_KAFKA', /speaks TLS, but no `tls` is configured/))
  })

  test('TLS to a listener without', async () => {
    // Like a Kafka broker, which takes the first bytes of TLS for an impossible size.
    await using broker = await ScriptedBroker.start({}, undefined, { cutImpossibleSizes: true })
    const why = refused('NOT_KAFKA', /is a Kafka listener without TLS, but `tls` is configured/)
    await assert.rejects(open(broker, { ca: authority.certificate }), why)
  })
})
