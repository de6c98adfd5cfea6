import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NodeStatus } from './cluster-state.ts'
import { clusterStateOf } from './cluster-state.ts'

const node = (id: number, state: NodeStatus['state'], reason: string | null = null) => ({ id, state, reason })

test('a cluster is as well as its brokers', () => {
  assert.deepEqual(clusterStateOf('up', [node(1, 'running')], undefined), { name: 'running', reason: null })
  assert.deepEqual(clusterStateOf('up', [node(1, 'running'), node(2, 'waiting', 'killed')], undefined), {
    name: 'degraded',
    reason: 'broker 2 is waiting: killed',
  })
  assert.equal(
    clusterStateOf('up', [node(1, 'failed', 'x'), node(2, 'failed', 'y')], undefined).name,
    'failed',
  )
  assert.equal(
    clusterStateOf('up', [node(1, 'failed', 'x'), node(2, 'starting')], undefined).name,
    'degraded',
  )
})

test('what the operator asked for comes first', () => {
  assert.equal(clusterStateOf('stopping', [node(1, 'running')], undefined).name, 'stopping')
  assert.equal(clusterStateOf('stopped', [node(1, 'stopped')], undefined).name, 'stopped')
  assert.deepEqual(clusterStateOf('stopped', [], 'no Java'), { name: 'failed', reason: 'no Java' })
})
