import { randomUUID } from 'node:crypto'
import { isReleased } from '../../../link/mirrors/life.ts'
import type { TopicPartition } from '../../../link/port.ts'
import { claimLease } from '../../../link/state/lease.ts'
import { endedAt } from '../../../link/turn/ended-at.ts'
import { fenceWriter } from '../../../link/turn/fence-writer.ts'
import type { Scene, Step } from '../scene.ts'

/** Where markers are not allowed: a worker that is there sees within this time that it was overtaken, and stops. */
const WORKER_LETS_GO_MS = 1_000

/**
 * Overtakes the workers of the link and ends it as a writer: what it still had to say is refused from then on, so that
 * the ends of the mirrors stand. Where they ended before is noted first, as the markers that do it take an offset each.
 */
export const fenceLink: Step = async (scene) => {
  const { target, course, clock, signal } = scene
  const claim = { link: course.link, workerId: randomUUID(), now: clock.now() }
  const { generation } = await claimLease(target.store, claim)
  const record = target.store.view.link(course.link)
  if (record !== null && record.desired !== 'paused') {
    await target.store.putLink({ ...record, desired: 'paused', updatedAt: clock.now() })
  }
  await noteEnds(scene, generation)
  if (!(await endWriter(scene, partitionsOf(scene.memo.ended?.ends ?? {})))) {
    scene.memo = { ...scene.memo, ended: null }
    await clock.sleep(WORKER_LETS_GO_MS, signal)
  }
  return `generation ${generation} is ours`
}

/** Nothing of the link that is still on its way somewhere is taken any more; false where that needs a missing right. */
export async function endWriter(scene: Scene, partitions: readonly TopicPartition[]): Promise<boolean> {
  const { store } = scene.target
  const { link } = scene.course
  const record = store.view.link(link)
  const generation = store.view.lease(link)?.generation ?? 0
  if (record === null || (await fenceWriter(scene.target, record, generation, partitions))) return true
  const note = `link ${link} may not write markers, so it was ended by its lease alone`
  scene.memo = { ...scene.memo, notes: [...scene.memo.notes, note] }
  return false
}

/** Where a mirror ends as a copy, now that its log goes on with the marker of `fenceLink`. */
export async function endOfCopy(
  { target, course, memo }: Scene,
  at: TopicPartition,
  end: number,
): Promise<number> {
  const from = memo.ended?.ends[at.topic]?.[at.partition]
  const producerId = target.store.view.link(course.link)?.producerId ?? null
  if (memo.ended === null || from === undefined || producerId === null) return end
  return await endedAt(target, { ...at, from, to: end }, { producerId, generation: memo.ended.generation })
}

async function noteEnds(scene: Scene, generation: number): Promise<void> {
  const { target, course, memo } = scene
  // Those of an earlier try lie before its markers.
  if (memo.ended !== null) return
  await target.port.refresh()
  const held = target.store.view
    .mirrors(course.link)
    .filter(({ state }) => state !== 'seeding' && !isReleased(state))
  const found = held.map(async ({ mirror, mirrorTopicId: id }) => {
    const ranges = await target.port.logRanges({
      name: mirror,
      id,
      partitions: target.port.partitionsOf(mirror),
    })
    return [mirror, ranges.map(({ end }) => end)] as const
  })
  scene.memo = { ...memo, ended: { generation, ends: Object.fromEntries(await Promise.all(found)) } }
  await scene.beat('the link is ended as a writer')
}

function partitionsOf(ends: Readonly<Record<string, readonly number[]>>): TopicPartition[] {
  return Object.entries(ends).flatMap(([topic, list]) => list.map((_, partition) => ({ topic, partition })))
}
