import assert from 'node:assert/strict'
import { test } from 'node:test'
import { unknownLag } from '../lag/lag.ts'
import { clusterView, groupView, known } from '../watch/testing/views.ts'
import type { ClusterView, GroupsView } from '../watch/view.ts'
import { clusterFacts } from './cluster-facts.ts'

const NOW = 1_000_000

function values(view: ClusterView): Record<string, number | null> {
  return Object.fromEntries(clusterFacts(view, NOW).map(({ kind, value }) => [kind, value]))
}

const brokers = known({ clusterId: 'c', controllerId: 1, brokers: [] }, NOW)
const trouble = { code: 'REQUEST_TIMEOUT', message: 'no answer', remedy: null, since: NOW }

function groups(view: Parameters<typeof groupView>[0]): GroupsView {
  const all = { commits: 'log', commitsTrouble: null, missing: [] } as const
  return { groups: new Map([['readers', groupView(view)]]), ...all }
}

test('of a cluster that was not looked at nothing is known', () => {
  assert.deepEqual(new Set(Object.values(values(clusterView({})))), new Set([null]))
})

test('what is wrong is counted, what is not is 0', () => {
  const health = [{ kind: 'broker-down', severity: 'critical', count: 2, examples: [] }] as const
  const seen = values(clusterView({ brokers, health }))
  assert.deepEqual([seen['cluster-broker-down'], seen['cluster-no-controller']], [2, 0])
  assert.deepEqual([seen['cluster-unreachable'], seen['cluster-offline']], [0, null])
})

test('of a cluster that does not answer only that is known', () => {
  const view = clusterView({
    brokers: { ...brokers, trouble },
    groups: { ...known(groups({ verdict: 'ERR' }), NOW), trouble },
  })
  const seen = values(view)
  assert.deepEqual(
    [seen['cluster-unreachable'], seen['cluster-broker-down'], seen['group-verdict']],
    [1, null, null],
  )
})

test('a group has its verdict as a number, and its seconds where they are known', () => {
  const late = { verdict: 'ERR', lag: { ...unknownLag, seconds: 12 } } as const
  const seen = values(clusterView({ groups: known(groups(late), NOW) }))
  assert.deepEqual([seen['group-verdict'], seen['group-lag-seconds']], [3, 12])
})
