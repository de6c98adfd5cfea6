import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { KmcError } from '../../../base/error.ts'
import { nameMatcher } from '../../../link/names.ts'
import type { Fleet, LinkDeclaration } from '../fleet.ts'
import { parseFleet } from '../load.ts'
import type { Problem } from '../problem.ts'
import { takenTopics } from './topics.ts'

type Keys = {
  readonly from: string
  readonly to: string
  readonly topics?: readonly string[]
  readonly prefix?: string
}

function fileOf(links: Readonly<Record<string, Keys>>): string {
  const names = [...new Set(Object.values(links).flatMap(({ from, to }) => [from, to]))]
  return JSON.stringify({ clusters: Object.fromEntries(names.map((name) => [name, {}])), links })
}

function load(links: Readonly<Record<string, Keys>>): Fleet {
  return parseFleet(fileOf(links)).fleet
}

function refusals(links: Readonly<Record<string, Keys>>): string[] {
  try {
    load(links)
    return []
  } catch (error) {
    assert.ok(error instanceof KmcError)
    return (error.context.problems as readonly Problem[]).map(({ path, message }) => `${path}: ${message}`)
  }
}

const excluded = (fleet: Fleet, link: string) => fleet.links[link]?.excluded

test('two ways without a prefix are a loop, and it is named', () => {
  assert.deepEqual(refusals({ east: { from: 'a', to: 'b' }, west: { from: 'b', to: 'a' } }), [
    'links.west.topics: loop a → b → a: the links east, west would bring topics of a (such as x) back to it; give each of them a prefix, or keep their topics apart',
  ])
})

test('one prefix alone still brings topics back, under another name', () => {
  const links = { east: { from: 'a', to: 'b', prefix: 'a.' }, west: { from: 'b', to: 'a' } }
  assert.match(refusals(links).join(), /loop/)
})

test('two ways with prefixes leave the mirrors of each other out', () => {
  const fleet = load({
    east: { from: 'a', to: 'b', prefix: 'a.' },
    west: { from: 'b', to: 'a', prefix: 'b.' },
  })
  assert.deepEqual(excluded(fleet, 'east'), ['b.*'])
  assert.deepEqual(excluded(fleet, 'west'), ['a.*'])
})

test('topics that are kept apart are no loop', () => {
  for (const [east, west] of [
    [['orders'], ['payments']],
    [['orders*'], ['payments*']],
    [['*', '!payments'], ['payments']],
  ] as const) {
    const fleet = load({
      east: { from: 'a', to: 'b', topics: east },
      west: { from: 'b', to: 'a', topics: west },
    })
    assert.deepEqual([excluded(fleet, 'east'), excluded(fleet, 'west')], [[], []])
  }
})

test('a chain passes topics on; closing it is a loop', () => {
  const chain = { ab: { from: 'a', to: 'b' }, bc: { from: 'b', to: 'c' } }
  assert.deepEqual(refusals(chain), [])
  assert.match(refusals({ ...chain, ca: { from: 'c', to: 'a' } }).join(), /loop a → b → c → a/)
  assert.match(
    refusals({ ...chain, ca: { from: 'c', to: 'a', topics: ['results'] } }).join(),
    /such as results/,
  )
  const kept = { ab: { ...chain.ab, topics: ['*', '!results'] }, bc: chain.bc }
  assert.deepEqual(refusals({ ...kept, ca: { from: 'c', to: 'a', topics: ['results'] } }), [])
})

test('in a mesh every mirror is made from the cluster whose topic it is', () => {
  const clusters = ['a', 'b', 'c']
  const links = Object.fromEntries(
    clusters.flatMap((from) =>
      clusters.filter((to) => to !== from).map((to) => [`${from}${to}`, { from, to, prefix: `${from}.` }]),
    ),
  )
  const fleet = load(links)
  assert.deepEqual(excluded(fleet, 'ab'), ['b.*', 'c.*'])
  const held = settle(fleet, { a: ['t'], b: ['t'], c: ['t'] })
  assert.deepEqual([...held.get('b')!.keys()].sort(), ['a.t', 'c.t', 't'])
})

test('a mirror that is named in full and would come back is refused, not skipped', () => {
  const links = {
    east: { from: 'a', to: 'b', prefix: 'a.', topics: ['*', 'b.orders'] },
    west: { from: 'b', to: 'a', prefix: 'b.' },
  }
  assert.deepEqual(refusals(links), [
    'links.east.topics[1]: is a mirror that another link on a loop with this one brings here; it would come back',
  ])
})

/** Topics by cluster and name, with every cluster that records in them were born in. */
type Held = Map<string, Map<string, Set<string>>>

/** Runs the links of a fleet until nothing new appears. */
function settle(fleet: Fleet, local: Readonly<Record<string, readonly string[]>>): Held {
  const held: Held = new Map()
  for (const name of Object.keys(fleet.clusters)) {
    held.set(name, new Map((local[name] ?? []).map((topic) => [topic, new Set([name])])))
  }
  for (let rounds = 0; rounds < 12; rounds++) {
    for (const link of Object.values(fleet.links)) copy(link, held)
  }
  return held
}

function copy(link: LinkDeclaration, held: Held): void {
  const takes = nameMatcher(takenTopics(link))
  for (const [topic, born] of [...held.get(link.from)!]) {
    if (!takes(topic)) continue
    const mirrors = held.get(link.to)!
    const mirror = mirrors.get(link.prefix + topic) ?? new Set()
    for (const cluster of born) {
      assert.notEqual(cluster, link.to, `${link.name} brings ${topic} back to ${cluster}`)
      mirror.add(cluster)
    }
    mirrors.set(link.prefix + topic, mirror)
  }
}

test('whatever links are accepted, no record comes back to the cluster where it was born', (context) => {
  const cluster = fc.constantFrom('a', 'b', 'c', 'd')
  const topics = fc.constantFrom(['*'], ['*', '!t'], ['t'], ['u'], ['a.*'], ['*t'], ['b.t', 'u'])
  const keys = fc.record({
    from: cluster,
    to: cluster,
    topics,
    prefix: fc.constantFrom('', '', 'a.', 'b.', 'x.'),
  })
  let accepted = 0
  fc.assert(
    fc.property(fc.array(keys, { minLength: 1, maxLength: 6 }), (list) => {
      const links = Object.fromEntries(list.map((link, index) => [`l${index}`, link]))
      if (refusals(links).length > 0) return
      accepted += 1
      const local = ['t', 'u', 'a.t', 'b.t', 'x.u']
      // A topic of a cluster itself under the name of a mirror is refused by the plan, so each has its own names here.
      settle(load(links), { a: local.slice(0, 2) })
      settle(load(links), { b: local.slice(0, 2) })
      for (const name of ['a', 'b', 'c', 'd']) settle(load(links), { [name]: local })
    }),
    { numRuns: 600 },
  )
  context.diagnostic(`${accepted} fleets were accepted`)
  assert.ok(accepted > 50)
})
