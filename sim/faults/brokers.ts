import { choose, type Fault } from './fault.ts'

const leaderChange: Fault = {
  kind: 'leader-change',
  inject: (world, { a, b }) => {
    const cluster = a < 0.7 ? world.destination : world.source
    const at = choose([...cluster.partitions()], b)
    if (at === undefined || (cluster.replicas === 1 && cluster === world.destination)) return
    const others = cluster.brokersUp().filter((node) => node !== at.leader)
    cluster.moveLeader(at, choose(others, (a * 7) % 1) ?? at.leader)
  },
}

const restart: Fault = {
  kind: 'restart',
  inject: (world, { a, b, ms }) => {
    const side = a < 0.7 ? 'destination' : 'source'
    const cluster = world[side]
    const node = choose(cluster.brokersUp(), b)
    if (node === undefined) return
    cluster.stop(node)
    world.networks[side].brokerDied(node)
    world.events.after(ms, () => {
      if (!cluster.isUp(node)) cluster.restart(node)
    })
  },
}

/** Followers fall behind: what the leader has is not committed yet, and may be lost with it. */
const slowFollowers: Fault = {
  kind: 'slow-followers',
  inject: (world, { ms }) => {
    world.destination.stalledUntil = world.events.now + ms
  },
}

const belowMinInSync: Fault = {
  kind: 'below-min-insync',
  inject: (world, { ms }) => {
    world.destination.belowMinInSyncUntil = world.events.now + ms
  },
}

const expireProducers: Fault = {
  kind: 'expire-producers',
  inject: (world) => {
    for (const at of world.destination.partitions()) at.log.expireProducers(world.destination.now())
  },
}

const staleMetadata: Fault = {
  kind: 'stale-metadata',
  inject: (world, { a, ms }) => {
    const cluster = a < 0.5 ? world.destination : world.source
    cluster.stale = { until: world.events.now + Math.min(ms, 3_000), topics: [...cluster.topics.values()] }
  },
}

export const brokerFaults = [
  leaderChange,
  restart,
  slowFollowers,
  belowMinInSync,
  expireProducers,
  staleMetadata,
]
