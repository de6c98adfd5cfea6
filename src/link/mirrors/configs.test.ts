import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configDifference, deletes, mirrorSettings, seedingSettings } from './configs.ts'

test('settings of the topic travel, settings of a cluster do not, held ones win', () => {
  const settings = mirrorSettings({
    'cleanup.policy': 'compact',
    'retention.ms': '1000',
    'min.insync.replicas': '2',
    'message.timestamp.type': 'LogAppendTime',
  })
  assert.equal(settings['cleanup.policy'], 'compact')
  assert.equal(settings['retention.ms'], '-1')
  assert.equal(settings['message.timestamp.type'], 'CreateTime')
  assert.equal('min.insync.replicas' in settings, false)
})

test('a larger limit for batches than ours is kept', () => {
  const of = (bytes: string) => mirrorSettings({ 'max.message.bytes': bytes })['max.message.bytes']
  assert.deepEqual([of('1000'), of('100000000')], ['16777216', '100000000'])
})

test('a compacted mirror can be seeded', () => {
  const settings = seedingSettings({ 'cleanup.policy': 'compact', 'compression.type': 'gzip' })
  assert.deepEqual([settings['cleanup.policy'], settings['compression.type']], ['delete', 'producer'])
})

test('a difference names what to set and what to take back, and leaves local settings alone', () => {
  const now = { a: '1', b: '2', 'min.insync.replicas': '2' }
  assert.deepEqual(configDifference(now, { a: '1', c: '3' }), { set: { c: '3' }, unset: ['b'] })
})

test('a mirror that was told to take larger batches is left so', () => {
  const wanted = { 'max.message.bytes': '16777216' }
  const setFrom = (bytes: string) => configDifference({ 'max.message.bytes': bytes }, wanted).set
  assert.deepEqual([setFrom('33554432'), setFrom('1048588')], [{}, wanted])
})

test('only a topic whose policy has delete loses records at its start', () => {
  assert.deepEqual(
    [{}, { 'cleanup.policy': 'compact' }, { 'cleanup.policy': 'compact, delete' }].map(deletes),
    [true, false, true],
  )
})
