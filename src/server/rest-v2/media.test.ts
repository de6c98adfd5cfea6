import assert from 'node:assert/strict'
import { test } from 'node:test'
import { matchingNames } from './consumer/topic-pattern.ts'
import { answerType, checkBodyType, formatOfBody, recordsType } from './media.ts'

const JSON_V2 = 'application/vnd.kafka.json.v2+json'
const PLAIN = 'application/vnd.kafka.v2+json'

test('records say by their media type how they stand in the body', () => {
  assert.equal(formatOfBody(`${JSON_V2}; charset=utf-8`), 'json')
  assert.equal(formatOfBody('application/vnd.kafka.binary.v2+json'), 'binary')
  for (const type of ['application/json', PLAIN, undefined]) {
    assert.throws(() => formatOfBody(type), { code: 'MEDIA_TYPE_UNKNOWN' })
  }
  checkBodyType(undefined)
  assert.throws(() => checkBodyType('application/x-www-form-urlencoded'), { code: 'MEDIA_TYPE_UNKNOWN' })
})

test('an answer comes as what is liked most of what it may be', () => {
  assert.equal(answerType(undefined), PLAIN)
  assert.equal(answerType('text/html;q=0.2, application/json;q=0.9, */*;q=0.1'), 'application/json')
  assert.throws(() => answerType('text/html'), { code: 'NOT_ACCEPTABLE' })
})

test('records come in the format of their consumer instance alone', () => {
  assert.equal(recordsType('*/*', 'json'), JSON_V2)
  assert.equal(recordsType(JSON_V2, 'json'), JSON_V2)
  assert.throws(() => recordsType(JSON_V2, 'binary'), { code: 'FORMAT_MISMATCH' })
  assert.throws(() => recordsType('text/csv', 'binary'), { code: 'NOT_ACCEPTABLE' })
})

test('a topic pattern matches whole names, and none may run away', () => {
  assert.deepEqual(matchingNames('shop\\..*', ['shop.a', 'my.shop.a', 'shop']), ['shop.a'])
  assert.throws(() => matchingNames('(', []), { code: 'REQUEST_INVALID' })
  assert.throws(() => matchingNames('(a+)+b', [`${'a'.repeat(60)}c`]), { code: 'REQUEST_INVALID' })
})
