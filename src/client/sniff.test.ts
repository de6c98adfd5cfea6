import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sniffProtocol } from './sniff.ts'

test('common wrong listeners are recognised by their first bytes', () => {
  assert.equal(sniffProtocol(Buffer.from([0x15, 0x03, 0x03, 0x00])), 'TLS')
  assert.equal(sniffProtocol(Buffer.from([0x16, 0x03, 0x01, 0x02])), 'TLS')
  assert.equal(sniffProtocol(Buffer.from('HTTP')), 'HTTP')
  assert.equal(sniffProtocol(Buffer.from('SSH-')), 'SSH')
  assert.match(sniffProtocol(Buffer.from('220 ')) ?? '', /SMTP/)
  assert.match(sniffProtocol(Buffer.from('-ERR')) ?? '', /Redis/)
})

test('bytes that say nothing are not guessed at', () => {
  for (const bytes of [[0, 0, 0, 10], [0x7f, 0xff, 0xff, 0xff], [0x15, 0x04, 0, 0], []]) {
    assert.equal(sniffProtocol(Buffer.from(bytes)), null)
  }
})
