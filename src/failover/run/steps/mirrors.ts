import { randomUUID } from 'node:crypto'
import { isReleased } from '../../../link/mirrors/life.ts'
import { claimLease } from '../../../link/state/lease.ts'
import { adopt } from '../../../link/turn/adopt.ts'
import { settleReleased } from '../../../link/turn/after-release.ts'
import { fenceWriter } from '../../../link/turn/fence-writer.ts'
import { type Released, releaseAll } from '../../../link/turn/release-all.ts'
import { restLink } from '../../../link/turn/rest.ts'
import { turn } from '../../../link/turn/turn.ts'
import { failoverError } from '../../errors.ts'
import { type Scene, type Step, sourceOf } from '../scene.ts'

const REST_MS = 10_000
/** A worker that is there after all sees within this time that it was overtaken, and sends nothing more. */
const WORKER_LETS_GO_MS = 1_000

/** The workers of the link let go, wherever they are. */
export const rest: Step = async (scene) => {
  const { store } = scene.target
  const { link } = scene.course
  await store.refresh()
  const linkRan = scene.memo.linkRan ?? store.view.link(link)?.desired === 'active'
  scene.memo = { ...scene.memo, linkRan }
  await scene.beat('the link is to rest')
  if (await restLink(store, link, { timeoutMs: REST_MS, signal: scene.signal }))
    return 'no worker does anything for it'
  const message = `route ${scene.course.route}: no worker of link ${link} has said that it rests`
  throw failoverError('FAILOVER_LINK_BUSY', message, { context: { link } })
}

/** Overtakes the workers of the link: what they still had to say is refused, or told when they look up. */
export const fenceLink: Step = async ({ target, course, clock, signal }) => {
  const claim = { link: course.link, workerId: randomUUID(), now: clock.now() }
  const { generation } = await claimLease(target.store, claim)
  const record = target.store.view.link(course.link)
  if (record !== null && record.desired !== 'paused') {
    await target.store.putLink({ ...record, desired: 'paused', updatedAt: clock.now() })
  }
  await clock.sleep(WORKER_LETS_GO_MS, signal)
  return `generation ${generation} is ours`
}

/** From here on the mirrors are the topics of the route: there is no way back but another switch. */
export const promote: Step = async (scene) => {
  const { target, course } = scene
  await target.store.refresh()
  await target.port.refresh()
  const verb = course.kind === 'switchover' ? 'promote' : 'failover'
  await releaseAll(target, course.link, { id: course.plan, verb, by: scene.by, sourceEnds: () => [] })
  const released = releasedBy(scene)
  if (course.kind === 'switchover') await endWriter(scene)
  return `${released.length} mirrors are topics of their own`
}

/** Nothing of the link that is still on its way somewhere is taken any more. */
export async function endWriter(scene: Scene): Promise<void> {
  const { store } = scene.target
  const { link } = scene.course
  const record = store.view.link(link)
  const generation = store.view.lease(link)?.generation ?? 0
  const partitions = releasedBy(scene).flatMap(({ mirror, partitions }) =>
    partitions.map(({ partition }) => ({ topic: mirror, partition })),
  )
  if (record === null || (await fenceWriter(scene.target, record, generation, partitions))) return
  const note = `link ${link} may not write markers, so it was ended by its lease alone`
  scene.memo = { ...scene.memo, notes: [...scene.memo.notes, note] }
}

/** What this run has let go, as it stands in the mirrors' records. */
export function releasedBy({ target, course }: Scene): Released[] {
  const mirrors = target.store.view.mirrors(course.link)
  const ours = mirrors.filter(({ state, answer }) => isReleased(state) && answer?.intent === course.plan)
  return ours.map(({ topic, mirror, promotedAt, start }) => {
    const ends = promotedAt ?? []
    const partitions = ends.map((to, partition) => {
      return { partition, from: start[partition] ?? 0, to, sourceEnd: null }
    })
    return { topic, mirror, partitions }
  })
}

/** Topics get the settings and the grants of the ones that they take the place of. */
export const release: Step = async (scene) => {
  const { course, target, by } = scene
  const verb = course.kind === 'switchover' ? 'promote' : 'failover'
  const refused = await settleReleased(target, course.link, { id: course.plan, verb, by }, releasedBy(scene))
  const notes = refused.map(({ message }) => message)
  scene.memo = { ...scene.memo, notes: [...scene.memo.notes, ...notes] }
  return notes.length === 0 ? 'settings and rights are those of the source' : notes.join('; ')
}

/** The old cluster becomes the standby: its topics go on where they end. */
export const reverse: Step = async (scene) => {
  const { course, target } = scene
  const old = sourceOf(scene)
  await old.store.refresh()
  await Promise.all([old.port.refresh(), target.port.refresh()])
  const adopted = await adopt(course.link, target, old)
  await turn(course.link, target, old)
  const stranded = adopted.flatMap(({ topic, stranded }) => stranded.map((range) => ({ topic, ...range })))
  if (stranded.length === 0) return `${course.link} runs from ${course.to} to ${course.from}`
  const named = stranded.map(({ topic, partition, from, to }) => `${topic}-${partition} ${from}..${to - 1}`)
  const note = `written at ${course.from} past the route, and stranded there: ${named.join(', ')}`
  scene.memo = { ...scene.memo, notes: [...scene.memo.notes, note] }
  return note
}
