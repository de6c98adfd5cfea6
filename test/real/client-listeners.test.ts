import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { inspect } from 'node:util'
import type { KmcError } from '../../src/base/error.ts'
import { Secret } from '../../src/base/secret.ts'
import { Cluster } from '../../src/client/cluster.ts'
import type { ClusterConfig, SaslConfig, TlsConfig } from '../../src/client/config.ts'
import { Metadata } from '../../src/wire/apis/003-metadata.ts'
import { NEWEST, OLDEST } from '../harness/clusters.ts'
import { type ManyListeners, SESSION_MS, startManyListeners, users } from './client-listeners.ts'

/** Every way into a real broker, and every way to be turned away. */

type Way = Pick<ClusterConfig, 'tls' | 'sasl'>

const plain = (password = users.plain.password): SaslConfig => {
  return { mechanism: 'PLAIN', username: users.plain.name, password: new Secret(password) }
}
const scram = (mechanism: 'SCRAM-SHA-256' | 'SCRAM-SHA-512', password = users.scram.password): SaslConfig => {
  return { mechanism, username: users.scram.name, password: new Secret(password) }
}

/** An unsecured JSON Web Signature (RFC 7515 appendix A.5), which Kafka's development handlers take. */
function tokenFor(livesSeconds: number): Secret {
  const now = Math.floor(Date.now() / 1_000)
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  return new Secret(`${part({ alg: 'none' })}.${part({ sub: 'carol', iat: now, exp: now + livesSeconds })}.`)
}

function connect(address: string, way: Way = {}): Promise<Cluster> {
  return Cluster.connect({ name: 'way', bootstrap: [address], connectTimeoutMs: 10_000, ...way })
}

async function refusal(address: string, way: Way = {}): Promise<{ code: string; text: string }> {
  const error = await connect(address, way).then(
    async (cluster) => {
      await cluster.close()
      return assert.fail('let in')
    },
    (thrown: KmcError) => thrown,
  )
  for (const word of [users.plain.password, users.scram.password, 'wrong-word']) {
    assert.ok(!inspect(error, { depth: 9 }).includes(word), 'a password is shown')
  }
  assert.equal(error.retriable, false)
  return { code: error.code, text: `${error.message} ${error.remedy}` }
}

for (const version of [NEWEST, OLDEST]) {
  describe(`Kafka ${version}`, { timeout: 240_000 }, async () => {
    const broker: ManyListeners = await startManyListeners(version)
    after(() => broker.stop())
    const trusting: TlsConfig = { ca: broker.authority }
    const own = { certificate: broker.client.certificate, key: new Secret(broker.client.key) }

    const ways: readonly (readonly [string, string, Way])[] = [
      ['no security', broker.address('OPEN'), {}],
      ['SASL_PLAINTEXT with PLAIN', broker.address('LOGIN'), { sasl: plain() }],
      ['SASL_PLAINTEXT with SCRAM-SHA-256', broker.address('LOGIN'), { sasl: scram('SCRAM-SHA-256') }],
      ['SASL_PLAINTEXT with SCRAM-SHA-512', broker.address('LOGIN'), { sasl: scram('SCRAM-SHA-512') }],
      ['SASL_SSL with PLAIN', broker.address('SAFELOGIN'), { tls: trusting, sasl: plain() }],
      [
        'SASL_SSL with SCRAM-SHA-256',
        broker.address('SAFELOGIN'),
        { tls: trusting, sasl: scram('SCRAM-SHA-256') },
      ],
      [
        'SASL_SSL with SCRAM-SHA-512',
        broker.address('SAFELOGIN'),
        { tls: trusting, sasl: scram('SCRAM-SHA-512') },
      ],
      ['a client certificate', broker.address('MUTUAL'), { tls: { ...trusting, ...own } }],
      ['a token', broker.address('TOKEN'), { sasl: { mechanism: 'OAUTHBEARER', token: tokenFor(60) } }],
    ]
    for (const [what, address, way] of ways) {
      test(`${what} lets in`, async () => {
        await using cluster = await connect(address, way)
        await cluster.refresh('all')
        assert.equal(cluster.metadata.brokers.length, 1)
      })
    }

    const expired = { mechanism: 'OAUTHBEARER', token: tokenFor(-60) } as const
    const refusals: readonly (readonly [string, string, Way, string, RegExp])[] = [
      [
        'a wrong password',
        broker.address('LOGIN'),
        { sasl: plain('wrong-word') },
        'AUTHENTICATION_FAILED',
        /Invalid username or password/,
      ],
      [
        'a wrong SCRAM password',
        broker.address('LOGIN'),
        { sasl: scram('SCRAM-SHA-512', 'wrong-word') },
        'AUTHENTICATION_FAILED',
        /invalid credentials/,
      ],
      [
        'an expired token',
        broker.address('TOKEN'),
        { sasl: expired },
        'AUTHENTICATION_FAILED',
        /invalid_token/,
      ],
      [
        'a mechanism not offered',
        broker.address('TOKEN'),
        { sasl: plain() },
        'AUTHENTICATION_FAILED',
        /it offers: OAUTHBEARER/,
      ],
      [
        'SASL where there is none',
        broker.address('OPEN'),
        { sasl: plain() },
        'AUTHENTICATION_FAILED',
        /takes no SASL/,
      ],
      [
        'no SASL where it is wanted',
        broker.address('LOGIN'),
        {},
        'AUTHENTICATION_FAILED',
        /wants SASL \((?=.*PLAIN)(?=.*SCRAM-SHA-512)/,
      ],
      [
        'an unknown authority',
        broker.address('SAFELOGIN'),
        { tls: { ca: broker.stranger }, sasl: plain() },
        'TLS_UNTRUSTED',
        /"CN=Listeners CA".*tls\.ca/,
      ],
      [
        'no authority',
        broker.address('SAFELOGIN'),
        { tls: {}, sasl: plain() },
        'TLS_UNTRUSTED',
        /"CN=Listeners CA".*tls\.ca/,
      ],
      [
        'another name',
        broker.address('SAFELOGIN'),
        { tls: { ...trusting, serverName: 'kafka.example' }, sasl: plain() },
        'TLS_UNTRUSTED',
        /tls\.serverName/,
      ],
      [
        'no client certificate',
        broker.address('MUTUAL'),
        { tls: trusting },
        'AUTHENTICATION_FAILED',
        /wants a client certificate/,
      ],
      [
        'plain text to TLS',
        broker.address('MUTUAL'),
        {},
        'NOT_KAFKA',
        /speaks TLS, but no `tls` is configured/,
      ],
      ['plain SASL to TLS', broker.address('SAFELOGIN'), { sasl: plain() }, 'NOT_KAFKA', /speaks TLS/],
      [
        'TLS to plain text',
        broker.address('OPEN'),
        { tls: trusting },
        'NOT_KAFKA',
        /Kafka listener without TLS/,
      ],
      [
        'the controllers’ port',
        broker.address('CONTROLLER'),
        {},
        'UNSUPPORTED_BY_BROKER',
        /does not serve Metadata/,
      ],
    ]
    for (const [what, address, way, code, text] of refusals) {
      test(`${what} is refused and explained`, async () => {
        const refused = await refusal(address, way)
        assert.equal(refused.code, code, refused.text)
        assert.match(refused.text, text)
      })
    }

    test('sessions are renewed while requests go on, and none is lost', async () => {
      let tokens = 0
      const token = async (): Promise<Secret> => {
        tokens++
        return tokenFor(60)
      }
      const byToken = connect(broker.address('TOKEN'), { sasl: { mechanism: 'OAUTHBEARER', token } })
      const byScram = connect(broker.address('LOGIN'), { sasl: scram('SCRAM-SHA-256') })
      const busy = [byToken, byScram].map(async (connecting) => {
        await using cluster = await connecting
        const connection = await cluster.connection(1)
        const answers: Promise<unknown>[] = []
        const untilMs = performance.now() + 2.5 * SESSION_MS
        while (performance.now() < untilMs) {
          answers.push(connection.send(Metadata, { topics: null }))
          await delay(5)
        }
        await Promise.all(answers)
        // A broker closes a connection that is used after its session has ended.
        await delay(1.2 * SESSION_MS)
        await connection.send(Metadata, { topics: [] })
        assert.equal(connection.isOpen, true)
      })
      await Promise.all(busy)
      assert.ok(tokens >= 3, `${tokens} tokens`)
    })
  })
}
