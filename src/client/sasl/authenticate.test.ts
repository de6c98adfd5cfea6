import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Secret } from '../../base/secret.ts'
import type { SaslConfig } from '../config.ts'
import { authenticate, type SaslCalls } from './authenticate.ts'

const plain: SaslConfig = { mechanism: 'PLAIN', username: 'alice', password: new Secret('hunter2') }
const scram: SaslConfig = { ...plain, mechanism: 'SCRAM-SHA-256' }
type Answer = Awaited<ReturnType<SaslCalls['authenticate']>>
const success: Answer = { errorCode: 0, errorMessage: null, authBytes: Buffer.alloc(0), sessionLifetimeMs: 0 }

function calls(answers: Partial<Answer>[], handshake = { errorCode: 0, mechanisms: ['PLAIN'] }): SaslCalls {
  return {
    handshake: async () => handshake,
    authenticate: async () => ({ ...success, ...(answers.shift() ?? assert.fail('one message too many')) }),
  }
}

function failsWith(config: SaslConfig, scripted: SaslCalls, message: RegExp): Promise<void> {
  return assert.rejects(authenticate(config, scripted, 'b:9092'), (error: Error & { code?: string }) => {
    assert.equal(error.code, 'AUTHENTICATION_FAILED')
    assert.match(error.message, message)
    assert.doesNotMatch(JSON.stringify(error) + error.message, /hunter2/)
    return true
  })
}

test('the lifetime of the session is handed on', async () => {
  const session = await authenticate(plain, calls([{ sessionLifetimeMs: 3_600_000 }]), 'b:9092')
  assert.deepEqual(session, { sessionLifetimeMs: 3_600_000 })
})

describe('refusals say what to do', () => {
  test('a mechanism that is not offered', () => {
    const offered = { errorCode: 33, mechanisms: ['SCRAM-SHA-512', 'OAUTHBEARER'] }
    return failsWith(
      plain,
      calls([], offered),
      /b:9092 does not take SASL PLAIN; it offers: SCRAM-SHA-512, OAUTHBEARER/,
    )
  })

  test('a listener without SASL', () => {
    return failsWith(plain, calls([], { errorCode: 34, mechanisms: [] }), /takes no SASL/)
  })

  test('a wrong password, with the broker’s words', () => {
    const answer = { errorCode: 58, errorMessage: 'Invalid username or password' }
    return failsWith(plain, calls([answer]), /SASL_AUTHENTICATION_FAILED: Invalid username or password/)
  })
})

describe('a broker that does not play by the rules', () => {
  test('success without its proof is not success', () => {
    return failsWith(scram, calls([success]), /malformed SCRAM message/)
  })

  test('an endless exchange ends', () => {
    const endless = { mechanism: 'OAUTHBEARER', token: new Secret('t') } as const
    return failsWith(endless, calls(Array(20).fill({ authBytes: Buffer.from('no') })), /refused the token/)
  })

  test('a huge message is not looked at', () => {
    return failsWith(plain, calls([{ authBytes: Buffer.alloc(70_000) }]), /70000 bytes/)
  })
})
