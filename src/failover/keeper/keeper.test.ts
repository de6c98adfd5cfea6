import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { CLUSTERS, type ClusterName, Gateway, Runner, World } from '../testing/world.ts'

type Policy = 'serve' | 'hold'

/** Pseudo-random latencies, the same for the same seed. */
function latencies(seed: number, world: World): () => number {
  let state = seed
  return () => {
    if (world.isCalm) return 20
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state % 17 === 0 ? 3_000 + (state % 4_000) : 1 + (state % 60)
  }
}

const cluster = fc.constantFrom<ClusterName>(...CLUSTERS)
const gateway = fc.nat(1)
const step = fc.oneof(
  fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 12_000 }) }),
  fc.record({ kind: fc.constant('cut' as const), gateway, cluster }),
  fc.record({ kind: fc.constant('heal' as const), gateway }),
  fc.record({ kind: fc.constant('stop' as const), gateway }),
  fc.record({ kind: fc.constant('wake' as const), gateway }),
  fc.record({ kind: fc.constant('restart' as const), gateway }),
  fc.record({
    kind: fc.constant('failover' as const),
    target: cluster,
    reach: fc.constantFrom<readonly ClusterName[]>(['a', 'b'], ['a'], ['b']),
  }),
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

function perform(world: World, { kind, ...rest }: Step, policy: Policy, look: () => void): void {
  const named = 'gateway' in rest ? world.gateways[rest.gateway]! : null
  switch (kind) {
    case 'pass':
      world.pass((rest as { ms: number }).ms, look)
      break
    case 'cut':
      named!.reach[(rest as { cluster: ClusterName }).cluster] = false
      break
    case 'heal':
      for (const name of CLUSTERS) named!.reach[name] = true
      break
    case 'stop':
      named!.isStopped = true
      break
    case 'wake':
      named!.wake()
      break
    case 'restart':
      named!.restart(policy)
      break
    case 'failover': {
      const { target, reach } = rest as { target: ClusterName; reach: readonly ClusterName[] }
      new Runner(world, target, reach)
    }
  }
}

function worldOf(policy: Policy, seed: number): World {
  const world = new World()
  const random = latencies(seed, world)
  for (const id of ['g1', 'g2']) new Gateway(world, id, policy, random)
  world.pass(15_000, () => {})
  return world
}

const oneAtMost = (world: World) => () => {
  const clusters = [...world.written()]
  assert.ok(clusters.length <= 1, `at ${world.nowMs} ms writes pass to ${clusters.join(' and ')}`)
}

function heal(world: World): void {
  world.isCalm = true
  for (const one of world.gateways) {
    for (const name of CLUSTERS) one.reach[name] = true
    one.wake()
  }
}

test('with hold no two clusters take writes at once, whatever is cut off, stopped or killed', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.integer({ min: 1, max: 1e9 }), (steps, seed) => {
      const world = worldOf('hold', seed)
      const look = oneAtMost(world)
      for (const one of steps) perform(world, one, 'hold', look)
      world.pass(30_000, look)
    }),
    { numRuns: 400 },
  )
})

test('with serve neither do two, as long as whoever moves the route sees both clusters', () => {
  const seeing = step.filter((one) => one.kind !== 'failover' || one.reach.length === 2)
  fc.assert(
    fc.property(fc.array(seeing, { maxLength: 40 }), fc.integer({ min: 1, max: 1e9 }), (steps, seed) => {
      const world = worldOf('serve', seed)
      const look = oneAtMost(world)
      for (const one of steps) perform(world, one, 'serve', look)
      world.pass(30_000, look)
    }),
    { numRuns: 400 },
  )
})

for (const policy of ['hold', 'serve'] as const) {
  test(`with ${policy} all gateways take writes for one cluster again, once everything is well`, () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), fc.integer({ min: 1, max: 1e9 }), (steps, seed) => {
        const world = worldOf(policy, seed)
        for (const one of steps) perform(world, one, policy, () => {})
        heal(world)
        world.pass(60_000, () => {})
        // A runner that died in the middle leaves the route parked until somebody runs it again.
        const route = world.gateways[0]!.keeper.route
        if (route === null || route.phase !== 'open') return
        let writes = 0
        world.pass(20_000, () => {
          writes += Number(world.gateways.every((one) => one.writesTo() === route.active))
        })
        assert.ok(writes > 0, `nobody takes writes for ${route.active}`)
      }),
      { numRuns: 150 },
    )
  })
}

test('a gateway knows whether a process of its name served before it and had not ended in order', () => {
  const world = worldOf('serve', 1)
  const [first, second] = world.gateways
  assert.deepEqual([first!.keeper.hasForerunner, second!.keeper.hasForerunner], [false, false])
  first!.restart('serve')
  world.pass(15_000, () => {})
  assert.deepEqual([first!.keeper.hasForerunner, second!.keeper.hasForerunner], [true, false])
})
