import { buildBatch } from '../../src/wire/batch/build.ts'
import { choose, type Fault } from './fault.ts'

/** Somebody deletes a mirror; the link makes it again. */
const deleteMirror: Fault = {
  kind: 'delete-mirror',
  inject: (world, { a }) => {
    const pair = choose(world.livePairs(), a)
    if (pair === undefined) return
    world.inject('delete-mirror', pair.source.topic.name)
    world.destination.delete(pair.mirror.topic.name)
  },
}

/** Somebody else writes to a mirror. */
const foreignWriter: Fault = {
  kind: 'foreign',
  inject: (world, { a, b }) => {
    const pair = choose(world.livePairs(), a)
    if (pair === undefined || pair.mirror.leader === null) return
    world.inject('foreign', pair.source.topic.name)
    const records = Array.from({ length: 1 + Math.floor(b * 3) }, () => ({
      timestamp: world.destination.now(),
      key: null,
      value: Buffer.from('foreign'),
    }))
    const sender = { by: 'a foreign writer', sentAt: world.events.now, zombie: false }
    world.destination.append(pair.mirror, buildBatch({ records }), sender, () => {})
  },
}

/** Members of a group are at work at the destination for a while. */
const groupInUse: Fault = {
  kind: 'group-in-use',
  inject: (world, { a, ms }) => {
    const group = choose([...world.source.groups.positions.keys()], a)
    if (group === undefined) return
    const { active } = world.destination.groups
    active.add(group)
    world.events.after(ms, () => active.delete(group))
  },
}

export const mirrorFaults = [deleteMirror, foreignWriter, groupInUse]
