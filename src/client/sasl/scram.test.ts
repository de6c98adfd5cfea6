import assert from 'node:assert/strict'
import { createHash, createHmac, randomBytes } from 'node:crypto'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { Secret } from '../../base/secret.ts'
import { ScramExchange, type ScramMechanism, saltPassword } from './scram.ts'
import { readServerFinal, readServerFirst } from './scram-message.ts'

const refused = { code: 'AUTHENTICATION_FAILED' }

/** The example of RFC 7677 section 3. */
const example = {
  nonce: 'rOprNGfwEbeRWgbNEkqO',
  serverFirst: 'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096',
  clientFinal:
    'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
  serverFinal: 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
}

function exampleExchange(): ScramExchange {
  return new ScramExchange('SCRAM-SHA-256', 'user', new Secret('pencil'), example.nonce)
}

/** Plays the broker for one exchange, as RFC 5802 section 3 tells it. */
class ServerHalf {
  readonly nonce = randomBytes(12).toString('base64')
  readonly salt = randomBytes(16)
  readonly #hash: string
  readonly #mechanism: ScramMechanism
  readonly #password: string
  #clientFirstBare = ''
  #first = ''

  constructor(mechanism: ScramMechanism, password: string) {
    this.#mechanism = mechanism
    this.#hash = mechanism === 'SCRAM-SHA-256' ? 'sha256' : 'sha512'
    this.#password = password
  }

  first(clientFirst: Buffer, iterations = 4096): Buffer {
    this.#clientFirstBare = clientFirst.toString('utf8').slice('n,,'.length)
    const clientNonce = /r=(.*)$/.exec(this.#clientFirstBare)![1]
    this.#first = `r=${clientNonce}${this.nonce},s=${this.salt.toString('base64')},i=${iterations}`
    return Buffer.from(this.#first)
  }

  /** Checks the proof; the answer is the server's signature. */
  async final(clientFinal: Buffer, iterations = 4096): Promise<Buffer> {
    const [, withoutProof, proof] = /^(.*),p=(.*)$/.exec(clientFinal.toString('utf8'))!
    const message = `${this.#clientFirstBare},${this.#first},${withoutProof}`
    const salted = await saltPassword(this.#mechanism, new Secret(this.#password), this.salt, iterations)
    const storedKey = createHash(this.#hash).update(this.#hmac(salted, 'Client Key')).digest()
    const signature = this.#hmac(storedKey, message)
    const clientKey = Buffer.from(proof!, 'base64').map((byte, at) => byte ^ signature[at]!)
    assert.deepEqual(createHash(this.#hash).update(clientKey).digest(), storedKey)
    return Buffer.from(`v=${this.#hmac(this.#hmac(salted, 'Server Key'), message).toString('base64')}`)
  }

  #hmac(key: Buffer, text: string): Buffer {
    return createHmac(this.#hash, key).update(text).digest()
  }
}

describe('the exchange', () => {
  test('the example of RFC 7677 is followed to the byte', async () => {
    const exchange = exampleExchange()
    assert.equal((await exchange.first()).toString(), `n,,n=user,r=${example.nonce}`)
    assert.equal((await exchange.next(Buffer.from(example.serverFirst)))?.toString(), example.clientFinal)
    assert.equal(exchange.isComplete, false)
    assert.equal(await exchange.next(Buffer.from(example.serverFinal)), null)
    assert.equal(exchange.isComplete, true)
  })

  for (const mechanism of ['SCRAM-SHA-256', 'SCRAM-SHA-512'] as const) {
    test(`${mechanism} works with any user and password`, async () => {
      const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 })
      await fc.assert(
        fc.asyncProperty(text, text, async (user, password) => {
          const server = new ServerHalf(mechanism, password)
          const exchange = new ScramExchange(mechanism, user, new Secret(password))
          const final = await exchange.next(server.first(await exchange.first()))
          assert.equal(await exchange.next(await server.final(final!)), null)
          assert.equal(exchange.isComplete, true)
        }),
        { numRuns: 10 },
      )
    })
  }

  test('the signs that SCRAM uses itself are escaped in the user name', async () => {
    const first = await new ScramExchange('SCRAM-SHA-256', 'a=b,c', new Secret('x'), 'n').first()
    assert.equal(first.toString(), 'n,,n=a=3Db=2Cc,r=n')
  })

  test('nonces are long and never the same', async () => {
    const firsts = await Promise.all(
      [1, 2].map(() => new ScramExchange('SCRAM-SHA-512', 'u', new Secret('p')).first()),
    )
    assert.notDeepEqual(firsts[0], firsts[1])
    assert.ok(firsts[0]!.length > 'n,,n=u,r='.length + 24)
  })
})

describe('a broker that cannot be trusted', () => {
  const first = (text: string) => async (): Promise<unknown> => {
    const exchange = exampleExchange()
    await exchange.first()
    return exchange.next(Buffer.from(text))
  }
  const nonce = `${example.nonce}more`
  const salt = 'W22ZaJ0SNY7soEsUEjb6gQ=='

  for (const [what, text] of [
    ['another nonce', `r=other${nonce},s=${salt},i=4096`],
    ['our nonce without its own part', `r=${example.nonce},s=${salt},i=4096`],
    ['too few iterations', `r=${nonce},s=${salt},i=4095`],
    ['a million and one iterations', `r=${nonce},s=${salt},i=1000001`],
    ['iterations beyond all numbers', `r=${nonce},s=${salt},i=99999999999999999999`],
    ['iterations that are none', `r=${nonce},s=${salt},i=4096x`],
    ['no salt', `r=${nonce},s=,i=4096`],
    ['a salt that is not base64', `r=${nonce},s=W22Z!,i=4096`],
    ['a mandatory extension', `m=ext,r=${nonce},s=${salt},i=4096`],
    ['attributes in another order', `s=${salt},r=${nonce},i=4096`],
    ['nothing', ''],
  ] as const) {
    test(`${what} is refused`, () => assert.rejects(first(text), refused))
  }

  test('a wrong signature is refused, and so is everything after it', async () => {
    const exchange = exampleExchange()
    await exchange.first()
    await exchange.next(Buffer.from(example.serverFirst))
    const wrong = Buffer.from(example.serverFinal.replace('6rri', '7rri'))
    await assert.rejects(exchange.next(wrong), /could not prove/)
    await assert.rejects(exchange.next(Buffer.from(example.serverFinal)), refused)
    assert.equal(exchange.isComplete, false)
  })

  for (const final of ['e=invalid-proof', 'v=', 'v=AAAA', 'x=y', '']) {
    test(`"${final}" as last message is refused`, async () => {
      const exchange = exampleExchange()
      await exchange.first()
      await exchange.next(Buffer.from(example.serverFirst))
      await assert.rejects(exchange.next(Buffer.from(final)), refused)
    })
  }

  test('whatever it sends, the answer is a message or a typed error', () => {
    const bytes = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'rsivem=,+/Aa0') }))
    fc.assert(
      fc.property(bytes, (text) => {
        for (const read of [readServerFirst, readServerFinal]) {
          try {
            read(text)
          } catch (error) {
            assert.equal((error as { code?: string }).code, 'AUTHENTICATION_FAILED')
          }
        }
      }),
      { numRuns: 2_000 },
    )
  })
})
