import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isRetriable } from '../base/error.ts'
import {
  ClientError,
  clientErrors,
  isClientError,
  isKafkaError,
  KafkaError,
  throwOnKafkaError,
} from './errors.ts'

test('an error of the way takes remedy and retriability from the table', () => {
  const error = new ClientError('CONNECTION_LOST', 'gone')
  assert.equal(error.remedy, clientErrors.CONNECTION_LOST.remedy)
  assert.equal(isRetriable(error), true)
  assert.equal(isRetriable(new ClientError('AUTHENTICATION_FAILED', 'no')), false)
  assert.equal(new ClientError('TLS_UNTRUSTED', 'no', { remedy: 'another' }).remedy, 'another')
  assert.equal(isClientError(error, 'CONNECTION_LOST', 'NOT_KAFKA'), true)
  assert.equal(isClientError(error, 'NOT_KAFKA'), false)
})

test('an error of the broker knows its name, whether a retry can help, and what to do', () => {
  const error = new KafkaError(6, 'fetching orders-0')
  assert.equal(error.kafkaName, 'NOT_LEADER_OR_FOLLOWER')
  assert.equal(error.retriable, true)
  assert.match(error.message, /^fetching orders-0: NOT_LEADER_OR_FOLLOWER: ./)
  const refused = new KafkaError(29, 'reading', 'the broker’s own words')
  assert.equal(refused.retriable, false)
  assert.match(refused.message, /the broker’s own words$/)
  assert.match(refused.remedy ?? '', /ACL/)
  assert.equal(isKafkaError(refused, 'TOPIC_AUTHORIZATION_FAILED'), true)
})

test('codes of a newer Kafka are no crash', () => {
  const error = new KafkaError(12_345, 'thing')
  assert.equal(error.kafkaName, 'UNKNOWN_12345')
  assert.equal(error.retriable, false)
})

test('no error is no error', () => {
  throwOnKafkaError(0, 'thing')
  assert.throws(() => throwOnKafkaError(36, 'thing'), { kafkaName: 'TOPIC_ALREADY_EXISTS' })
})
