import type { Commit } from '../world/consumers.ts'
import type { World } from '../world/world.ts'
import { type Checker, Violation } from './checker.ts'

/** A mirror partition younger than this may not be waited for yet (one round of discovery). */
const YOUNG_MS = 5_000

/** I5: a group's position at the destination is one that it had at the source, never ahead of what it rests on. */
export function honestPositions(world: World): Checker {
  return {
    committed(group, { topic, partition, offset }) {
      const name = topic.slice(world.spec.prefix.length)
      const mirror = world.destination.topics.get(topic)?.partitions[partition]
      const source = world.source.topics.get(name)?.partitions[partition]
      if (mirror === undefined || source === undefined) return
      const where = `group ${group} at ${offset} of ${topic}-${partition}`
      if (offset > mirror.log.end) throw new Violation('I5', `${where}: the mirror ends at ${mirror.log.end}`)
      if (world.disturbed(source)) return
      const commits = world.consumers.commits(group, name, partition)
      const isAtEdge = offset === mirror.log.start || offset === (world.mirrors.of(mirror)?.start ?? 0)
      const meant = commits.filter((commit) => commit.offset === offset)
      if (meant.length === 0) {
        if (!isAtEdge) throw new Violation('I5', `${where}: the group never stood there`)
      } else if (!meant.some((commit) => missing(commit, world) === null)) {
        const lacking = missing(meant[0]!, world)
        throw new Violation('I5', `${where}: written before the records that it rests on, ${lacking}`)
      }
    },
  }
}

/** What of that which stood at the source when the position was committed is not on the mirrors; null if all is. */
function missing({ ends }: Commit, world: World): string | null {
  for (const [at, end] of ends) {
    const mirror = world.mirrorPartition(at)
    // What is not copied (yet) or stands still with a fault would hold back every group, so it is not waited for.
    if (mirror === null || world.disturbed(at) || !world.isCopied(mirror)) continue
    if (world.events.now - mirror.madeAt > YOUNG_MS && mirror.log.end < end) {
      return `${mirror.topic.id}/${mirror.partition} ends at ${mirror.log.end}, not ${end}`
    }
  }
  return null
}
