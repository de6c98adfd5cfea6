import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { KmcError } from '../../base/error.ts'
import { parseFleet } from './load.ts'

/** Everything an operator, a log or a program could see of an error. */
function visible(error: KmcError): string {
  const { message, remedy, context } = error
  return `${message}\n${remedy}\n${JSON.stringify(context)}\n${inspect(error, { depth: 9 })}`
}

/** The error of a text, or null when it is taken; anything but FLEET_FILE_INVALID fails the test. */
function errorOf(text: string): KmcError | null {
  try {
    parseFleet(text)
    return null
  } catch (error) {
    assert.ok(error instanceof KmcError, `${inspect(error)} for ${JSON.stringify(text)}`)
    assert.equal(error.code, 'FLEET_FILE_INVALID')
    return error
  }
}

const VALID = `fleet: shop
clusters:
  seoul: { region: kr, brokers: 3, kafka: 4.3.1, heap: 256, port: 20000, security: true }
  tokyo:
    bootstrap: [kafka-1.tokyo.example:9093]
    tls: { ca: file:certs/ca.pem, certificate: env:C, key: env:K }
    sasl: { mechanism: SCRAM-SHA-512, username: kmc, password: env:P }
links:
  dr: { from: seoul, to: tokyo, topics: ["*", "!tmp.*"], groups: ["*"], prefix: "kr.", start: latest }
`

const scrap = fc.oneof(
  fc.constantFrom(
    ...'[]{}:,-?!*&#|>%@`"\'\t\n \\',
    '\n  ',
    ': ',
    '- ',
    '<<: ',
    '*x',
    '&x ',
    '!!str ',
    '---\n',
    '~',
    '\0',
  ),
  fc.string({ unit: 'binary', maxLength: 4 }),
  fc.constantFrom(
    'clusters',
    'links',
    'from',
    'to',
    'null',
    'true',
    '1e999',
    '.nan',
    '0x1',
    '{}',
    '[]',
    '__proto__',
  ),
)

test('text of any kind is taken or refused with FLEET_FILE_INVALID', () => {
  fc.assert(
    fc.property(fc.array(scrap, { maxLength: 40 }), (parts) => {
      errorOf(parts.join(''))
    }),
    { numRuns: 500 },
  )
})

test('a fleet file with damage anywhere is taken or refused with FLEET_FILE_INVALID', () => {
  fc.assert(
    fc.property(fc.nat(VALID.length), fc.nat(12), scrap, (at, cut, put) => {
      errorOf(VALID.slice(0, at) + put + VALID.slice(at + cut))
    }),
    { numRuns: 500 },
  )
})

const anyValue = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string(),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(
      fc.constantFrom('a', 'bootstrap', 'tls', 'sasl', 'from', 'start', 'offsets', 'mechanism'),
      tie('value'),
    ),
  ),
})).value

test('values of any shape at any place are taken or refused with FLEET_FILE_INVALID', () => {
  const section = fc.oneof(anyValue, fc.dictionary(fc.constantFrom('a', 'b', 'c'), anyValue))
  fc.assert(
    fc.property(section, section, (clusters, links) => {
      errorOf(JSON.stringify({ clusters, links }))
    }),
    { numRuns: 500 },
  )
})

const CANARY = 'Hunter2Canary'

test('a secret that is written into the file is never shown, whatever is wrong with it', () => {
  const cluster = (sasl: string) => `clusters:\n  tokyo:\n    bootstrap: ["h:1"]\n    tls: {}\n    ${sasl}\n`
  const wrong = [
    `sasl: { mechanism: PLAIN, username: u, password: ${CANARY} }`,
    `sasl: { mechanism: PLAIN, username: u, password: "${CANARY}, x" , zzz: 1 }`,
    `sasl: { mechanism: PLAIN, username: u, passwrod: ${CANARY} }`,
    `sasl: { mechanism: PLAIN, username: u, pw: ${CANARY} }`,
    `sasl: { mechanism: PLAIN, username: u, password: [${CANARY}] }`,
    `sasl: { mechanism: PLAIN, username: u, password: { ${CANARY}: x } }`,
    `sasl: { mechanism: PLAIN, username: u, password: !${CANARY} }`,
    `sasl: { mechanism: PLAIN, username: u, password: *${CANARY} }`,
    `sasl: { mechanism: PLAIN, username: u, password: &${CANARY} }`,
    `sasl: { mechanism: PLAIN, username: u, password: "${CANARY} }`,
    `sasl: { mechanism: PLAIN, username: u, password: ${CANARY}: x }`,
    `sasl: { mechanism: PLAIN, username: u, password: '${CANARY}'${CANARY} }`,
    `sasl: PLAIN u ${CANARY}`,
    `sasl: [PLAIN, u, ${CANARY}]`,
    `sals: { mechanism: PLAIN, username: u, password: ${CANARY} }`,
    `sasl:\n      mechanism: PLAIN\n      username: u\n      password: |\n        ${CANARY}`,
    `sasl:\n      mechanism: PLAIN\n      username: u\n      password: ${CANARY}\n       x: y`,
    `sasl:\n      mechanism: PLAIN\n      username: u\n      password: >\n     ${CANARY} : [\n`,
    `sasl:\n      mechanism: PLAIN\n      username: u\n      password:\n      - ${CANARY}\n     - [`,
    `password: ${CANARY}`,
    `token: ${CANARY}`,
    `config: { sasl.jaas.config: 'x required password="${CANARY}";' }`,
    `sasl: { mechanism: OAUTHBEARER, token: ${CANARY} }`,
    `tls: { keyPassword: ${CANARY} }`,
    `sasl: #{ mechanism: PLAIN, username: u, password: ${CANARY} }`,
    `zzz: 1 # password: ${CANARY}`,
  ]
  for (const text of wrong) {
    const error = errorOf(cluster(text))
    assert.ok(error !== null, `taken: ${text}`)
    assert.ok(!visible(error).includes(CANARY), `${text}\n${visible(error)}`)
  }
})

test('credentials in an address and keys pasted into the file are not shown', () => {
  const address = errorOf(`clusters: { a: { bootstrap: ["u:${CANARY}@h:1"] } }\n`)
  assert.ok(address !== null && !visible(address).includes(CANARY))
  const base64 = 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSj'
  const pasted = errorOf(
    `clusters:\n  a:\n    bootstrap: ["h:1"]\n    tls:\n      key: |\n${base64}\n  - [\n`,
  )
  assert.ok(pasted !== null && !visible(pasted).includes(base64.slice(0, 30)))
})

test('a secret survives no damage elsewhere in the file', () => {
  const text = VALID.replace('env:P', CANARY).replace('env:K', CANARY)
  fc.assert(
    fc.property(fc.nat(text.length), fc.nat(3), scrap, (at, cut, put) => {
      // Damage to the canary's own characters leaves fragments that this test could not recognise.
      const damaged = text.slice(0, at) + put + text.slice(at + cut)
      const error = errorOf(damaged)
      if (error !== null)
        assert.ok(!visible(error).includes(CANARY), `${JSON.stringify(damaged)}\n${error.message}`)
    }),
    { numRuns: 500 },
  )
})

test('nothing of the file can steer a terminal', () => {
  const error = errorOf('clusters: { "a\\u001b[2J\\u202ex": {}, b: { "\\u009b1m": 1 } }\n"\u202e": 1\n')
  assert.ok(error !== null)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
  assert.doesNotMatch(error.message, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/)
})

test('a long line is cut around the place, and wide characters keep the caret where it belongs', () => {
  const long = errorOf(`clusters: { a: { region: ${'x'.repeat(400)}, zzz: 1 } }\n`)
  const [, source, caret] = (long?.message ?? '').split('\n').slice(1)
  assert.ok(source !== undefined && source.length < 140)
  assert.ok(caret !== undefined && caret.length < 140)
  const wide = errorOf('"주문": 1\nclusters: { a: }\n')?.message.split('\n') ?? []
  assert.equal(wide[3], ' 1 | "주문": 1')
  assert.equal(wide[4], '   | ^^^^^^')
})
