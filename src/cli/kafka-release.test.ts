import assert from 'node:assert/strict'
import { test } from 'node:test'
import { releaseOf } from './kafka-release.ts'

test('a level of metadata.version is told as the release that it belongs to', () => {
  assert.deepEqual([0, 1, 7, 11, 14, 19, 20, 21, 22, 25, 27, 29, 30, 31].map(releaseOf), [
    null,
    'older than 3.3',
    '3.3',
    '3.5',
    '3.6',
    '3.7',
    '3.8',
    '3.9',
    '4.0',
    '4.0',
    '4.1',
    '4.2',
    '4.3',
    '4.3 or newer',
  ])
})
