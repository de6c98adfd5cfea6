import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseFleet } from '../file/load.ts'
import { makePlan } from './make-plan.ts'
import type { ObservedCluster, ObservedFleet } from './observed.ts'
import { renderPlan } from './render.ts'

const absent = (name: string): ObservedCluster => ({
  name,
  state: 'absent',
  trouble: null,
  clusterId: null,
  brokers: null,
  topics: null,
  links: null,
})
const ready = (name: string, topics: ObservedCluster['topics']): ObservedCluster => ({
  ...absent(name),
  state: 'ready',
  clusterId: name,
  brokers: 1,
  topics,
  links: {},
})
const observed = (...clusters: ObservedCluster[]): ObservedFleet => ({
  at: 1,
  applied: null,
  workers: [],
  clusters: Object.fromEntries(clusters.map((cluster) => [cluster.name, cluster])),
})
const { fleet } = parseFleet(
  'clusters: { seoul: { brokers: 3 }, tokyo: }\nlinks: { dr: { from: seoul, to: tokyo, prefix: "kr." } }\n',
)
const text = (found: ObservedFleet) => renderPlan(makePlan(fleet, found)).map((line) => line.text)

test('a plan is a line for each action, with what to know below', () => {
  assert.deepEqual(text(observed(absent('seoul'), absent('tokyo'))), [
    'Fleet fleet: 3 to add, 0 to change, 0 to remove',
    '  + create-cluster  seoul  in the fleet file, and not here yet: Kafka 4.3.1, 3 brokers, from port 19092',
    '  + create-cluster  tokyo  in the fleet file, and not here yet: Kafka 4.3.1, 1 broker, from port 19102',
    '  + create-link     dr     in the fleet file, and not there yet: seoul → tokyo, topics *, prefix kr.',
    '      ! which mirrors it makes shows when seoul answers',
  ])
})

test('a refusal stands with its choices, also where it stops an action', () => {
  const partitions = [{ start: 0, end: 5 }]
  const topic = (id: string) => ({ id, replicationFactor: 1, partitions })
  const lines = text(
    observed(ready('seoul', { orders: topic('a') }), ready('tokyo', { 'kr.orders': topic('b') })),
  )
  assert.deepEqual(lines, [
    'Fleet fleet: cannot be applied, 1 problem',
    '  + create-link  dr  in the fleet file, and not there yet: seoul → tokyo, topics *, prefix kr.',
    '  mirror dr/orders',
    '      ✗ kr.orders on tokyo already holds data that link dr would have to write over [MIRROR_NOT_EMPTY]',
    '        prefix: links.dr.prefix: "seoul."',
    '          the mirror is called seoul.orders and kr.orders stays as it is',
    '        delete: kmc topic delete kr.orders --cluster tokyo',
    '          the data in it are gone; the mirror is then made anew',
  ])
})

test('a refusal without choices stands with its remedy', () => {
  const lines = text(observed(ready('seoul', {}), { ...ready('tokyo', {}), clusterId: 'seoul' }))
  assert.deepEqual(lines.slice(-3), [
    '  cluster tokyo',
    '      ✗ seoul and tokyo are both cluster seoul [CLUSTERS_ARE_ONE]',
    '        → Remove one of them; a link between them would be a link to itself.',
  ])
})

test('nothing to do is said in words', () => {
  const only = parseFleet('clusters: { seoul: }\n').fleet
  const lines = renderPlan(makePlan(only, observed(ready('seoul', {}))))
  assert.deepEqual(lines, [{ kind: 'head', text: 'Fleet fleet: nothing to do, everything is as declared' }])
})
