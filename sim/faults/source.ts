import type { World } from '../world/world.ts'
import { choose, type Fault } from './fault.ts'

const GROWN_MAX = 3

function partitionOf(world: World, by: number) {
  return choose([...world.source.partitions()], by)
}

/** Retention takes records whether the link has them or not. */
const retention: Fault = {
  kind: 'retention',
  inject: (world, { a, b }) => {
    const at = partitionOf(world, a)
    if (at === undefined) return
    const offset = at.log.start + Math.ceil(b * (at.log.stable - at.log.start))
    if (offset > world.mirroredTo(at)) world.inject('retention', at.topic.name)
    at.log.deleteTo(offset)
    world.source.changed(at)
  },
}

/** An unclean leader election: the log ends earlier, and what is written next stands where other records stood. */
const truncate: Fault = {
  kind: 'truncate',
  inject: (world, { a, b }) => {
    const at = partitionOf(world, a)
    if (at === undefined || at.log.end === at.log.start) return
    world.inject('truncate', at.topic.name)
    const wanted = Math.max(at.log.start, at.log.end - Math.ceil(b * 8))
    const end = at.log.truncate(wanted)
    at.truth.truncated(end)
    at.log.leaderEpoch++
    world.workload.forgotten(at)
    for (const pair of world.livePairs()) {
      if (pair.source !== at || pair.mirror.log.end <= end) continue
      pair.damage ??= { why: 'tail lost at the source', offset: end }
    }
    world.source.changed(at)
  },
}

/** The topic is deleted, and maybe made again under the same name. */
const recreate: Fault = {
  kind: 'recreate',
  inject: (world, { a, b, ms }) => {
    const topic = choose([...world.source.topics.values()], a)
    if (topic === undefined) return
    world.inject('recreate', topic.name)
    world.source.delete(topic.name)
    if (b < 0.2) return
    world.events.after(b < 0.6 ? 0 : ms, () => {
      if (!world.source.topics.has(topic.name)) world.makeSourceTopic(topic.name, topic.configs)
    })
  },
}

const grow: Fault = {
  kind: 'grow',
  inject: (world, { a }) => {
    const topic = choose([...world.source.topics.values()], a)
    if (topic === undefined || topic.partitions.length >= GROWN_MAX) return
    world.source.grow(topic, topic.partitions.length + 1)
  },
}

const newTopic: Fault = {
  kind: 'new-topic',
  inject: (world, { a }) => {
    const name = `n${Math.floor(a * 3)}`
    if (!world.source.topics.has(name)) world.makeSourceTopic(name, {})
  },
}

export const sourceFaults = [retention, truncate, recreate, grow, newTopic]
