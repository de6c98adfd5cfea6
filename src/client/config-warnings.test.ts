import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Secret } from '../base/secret.ts'
import type { ClusterConfig } from './config.ts'
import { configWarnings } from './config-warnings.ts'

const far = ['kafka.example:9092']
const password = new Secret('hunter2')
const plain = { mechanism: 'PLAIN', username: 'u', password } as const

function warningsFor(more: Partial<ClusterConfig>): string[] {
  return configWarnings({ name: 'shop', bootstrap: far, ...more })
}

test('what is safe is not warned of', () => {
  assert.deepEqual(warningsFor({}), [])
  assert.deepEqual(warningsFor({ tls: {}, sasl: plain }), [])
  assert.deepEqual(warningsFor({ sasl: { ...plain, mechanism: 'SCRAM-SHA-512' } }), [])
  const near = ['localhost:9092', '127.0.0.5:9092', '[::1]:9092']
  assert.deepEqual(warningsFor({ bootstrap: near, sasl: plain }), [])
})

test('certificates that are not checked are', () => {
  assert.match(warningsFor({ tls: { verify: false } })[0] ?? '', /shop is not verified/)
})

test('secrets that can be read on the way are, without being shown', () => {
  for (const sasl of [plain, { mechanism: 'OAUTHBEARER', token: password } as const]) {
    const [warning] = warningsFor({ sasl, bootstrap: ['localhost:9092', ...far] })
    assert.match(warning ?? '', /secret without TLS/)
    assert.doesNotMatch(warning ?? '', /hunter2/)
  }
})
