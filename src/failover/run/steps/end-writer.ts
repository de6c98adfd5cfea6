import { randomUUID } from 'node:crypto'
import { isReleased } from '../../../link/mirrors/life.ts'
import type { TopicPartition } from '../../../link/port.ts'
import { claimLease } from '../../../link/state/lease.ts'
import { leaveTransactions } from '../../../link/transactions/path.ts'
import { endedAt } from '../../../link/turn/ended-at.ts'
import { fenceWriter } from '../../../link/turn/fence-writer.ts'
import { type CopyEnds, joined, partsOf } from '../copy-ends.ts'
import { refuseReleased } from '../phase.ts'
import { addNotes, type Scene, type Step } from '../scene.ts'

/** Where markers are not allowed: a worker that is there sees within this time that it was overtaken, and stops. */
const WORKER_LETS_GO_MS = 1_000

/** Overtakes the workers of the link: they stop when they look up. This can be taken back. */
export const fenceLink: Step = async (scene) => {
  const { target, course, clock } = scene
  const claim = { link: course.link, workerId: randomUUID(), now: clock.now() }
  const { generation } = await claimLease(target.store, claim)
  const record = target.store.view.link(course.link)
  await noteLinkRan(scene)
  if (record !== null && record.desired !== 'paused') {
    await target.store.putLink({ ...record, desired: 'paused', updatedAt: clock.now() })
  }
  // What a worker that is gone left open would keep readers of committed records waiting for a minute.
  if (target.store.view.gaps(course.link)?.path === 'transactions') {
    await leaveTransactions(target.cluster, course.link)
  }
  await refuseReleased(scene)
  return `generation ${generation} is ours`
}

/** Before a run pauses its link it notes whether to start it again, should the run be taken back. */
export async function noteLinkRan(scene: Scene): Promise<void> {
  const { memo, target, course } = scene
  const linkRan = memo.linkRan ?? target.store.view.link(course.link)?.desired === 'active'
  scene.memo = { ...memo, linkRan }
  await scene.beat('the link is to rest')
}

/**
 * Ends a link whose source is gone as a writer: what it still had to say is refused from then on, so that the ends of
 * the mirrors stand. Where they ended before is noted first, as the markers that do it take an offset each; with them
 * the mirrors are no copies any more, so there is no way back from here.
 */
export async function endCopy(scene: Scene): Promise<CopyEnds> {
  await noteEnds(scene)
  const { store, course } = scene
  const ends = joined(store.ends(course.to, course.plan).map(({ mirrors }) => mirrors))
  if (await endWriter(scene, partitionsOf(ends))) return ends
  scene.memo = { ...scene.memo, ended: null }
  await scene.clock.sleep(WORKER_LETS_GO_MS, scene.signal)
  return {}
}

/** Nothing of the link that is still on its way somewhere is taken any more; false where that needs a missing right. */
export async function endWriter(scene: Scene, partitions: readonly TopicPartition[]): Promise<boolean> {
  const { store } = scene.target
  const { link } = scene.course
  const record = store.view.link(link)
  const generation = store.view.lease(link)?.generation ?? 0
  if (record === null || (await fenceWriter(scene.target, record, generation, partitions))) return true
  addNotes(scene, `link ${link} may not write markers, so it was ended by its lease alone`)
  return false
}

/** Where a mirror ends as a copy, now that its log goes on with the marker of `endCopy`, which has given `ends`. */
export async function endOfCopy(
  { target, course, memo }: Scene,
  ends: CopyEnds,
  at: TopicPartition & { readonly end: number },
): Promise<number> {
  const { topic, partition, end } = at
  const from = ends[topic]?.[partition]
  const producerId = target.store.view.link(course.link)?.producerId ?? null
  if (memo.ended === null || from === undefined || producerId === null) return end
  return await endedAt(
    target,
    { topic, partition, from, to: end },
    { producerId, generation: memo.ended.generation },
  )
}

async function noteEnds(scene: Scene): Promise<void> {
  const { target, store, course, memo } = scene
  // Those of an earlier try lie before its markers.
  if (memo.ended !== null) return
  const generation = target.store.view.lease(course.link)?.generation ?? 0
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
  const parts = [...partsOf(Object.fromEntries(await Promise.all(found)))]
  const { plan, to } = course
  await store.noteEnds(
    to,
    parts.map((mirrors) => ({ plan, generation, mirrors })),
  )
  scene.memo = { ...memo, ended: { generation } }
  await scene.beat('the link is ended as a writer')
}

function partitionsOf(ends: CopyEnds): TopicPartition[] {
  return Object.entries(ends).flatMap(([topic, list]) => list.map((_, partition) => ({ topic, partition })))
}
