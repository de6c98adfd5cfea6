import assert from 'node:assert/strict'
import { test } from 'node:test'
import { unknownLag } from '../lag/lag.ts'
import { groupPartition, groupView } from '../watch/testing/views.ts'
import { samplesOf } from './samples.ts'

test('a group gives its own lag, that of each topic and of each partition where it stands', () => {
  const partitions = [
    groupPartition({}),
    groupPartition({ partition: 1, position: null, lag: unknownLag }),
    groupPartition({ topic: 'payments', lag: { ...unknownLag, records: 4 } }),
  ]
  const samples = samplesOf('fra', groupView({ partitions, lag: { ...unknownLag, records: 7 } }))
  assert.deepEqual(
    samples.map(({ of, lag }) => [
      of.topic ?? '',
      'partition' in of ? (of.partition ?? -1) : -1,
      lag.records,
    ]),
    [
      ['', -1, 7],
      ['orders', 0, 3],
      ['orders', -1, 3],
      ['payments', 0, 4],
      ['payments', -1, 4],
    ],
  )
})
