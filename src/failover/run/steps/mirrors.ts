import { isReleased } from '../../../link/mirrors/life.ts'
import type { TopicPartition } from '../../../link/port.ts'
import { adopt } from '../../../link/turn/adopt.ts'
import { settleReleased } from '../../../link/turn/after-release.ts'
import { newestDirection } from '../../../link/turn/direction.ts'
import { type Released, releaseAll } from '../../../link/turn/release-all.ts'
import { restLink } from '../../../link/turn/rest.ts'
import { turn } from '../../../link/turn/turn.ts'
import { failoverError } from '../../errors.ts'
import { noteDirectWriters } from '../direct-writers.ts'
import { addNotes, type Scene, type Step, sourceOf } from '../scene.ts'
import { endCopy, endOfCopy, endWriter, noteLinkRan } from './end-writer.ts'

const REST_MS = 10_000

/** The workers of the link let go, wherever they are. */
export const rest: Step = async (scene) => {
  const { store } = scene.target
  const { link } = scene.course
  await store.refresh()
  await noteLinkRan(scene)
  if (await restLink(store, link, { timeoutMs: REST_MS, signal: scene.signal }))
    return 'no worker does anything for it'
  const message = `route ${scene.course.route}: no worker of link ${link} has said that it rests`
  throw failoverError('FAILOVER_LINK_BUSY', message, { context: { link } })
}

/** From here on the mirrors are the topics of the route: there is no way back but another switch. */
export const promote: Step = async (scene) => {
  const { target, course } = scene
  await target.store.refresh()
  await target.port.refresh()
  const who = { id: course.plan, by: scene.by, sourceEnds: () => [] }
  if (course.kind === 'switchover') await releaseAll(target, course.link, { ...who, verb: 'promote' })
  else {
    const ends = await endCopy(scene)
    const endOf = (at: TopicPartition, end: number) => endOfCopy(scene, ends, { ...at, end })
    await releaseAll(target, course.link, { ...who, verb: 'failover', endOf })
  }
  const released = releasedBy(scene)
  if (course.kind === 'switchover') await endWriter(scene, released.flatMap(placesOf))
  return `${released.length} mirrors are topics of their own`
}

function placesOf({ mirror: topic, partitions }: Released): TopicPartition[] {
  return partitions.map(({ partition }) => ({ topic, partition }))
}

/** What this run has let go, as it stands in the mirrors' records. */
export function releasedBy({ target, course, memo }: Scene): Released[] {
  const mirrors = target.store.view.mirrors(course.link)
  const ours = mirrors.filter(({ state, answer }) => isReleased(state) && answer?.intent === course.plan)
  return ours.map(({ topic, mirror, promotedAt, start }) => {
    const ends = promotedAt ?? []
    const partitions = ends.map((to, partition) => {
      const lost = memo.lost?.find((one) => one.topic === topic && one.partition === partition)
      // One that is not named may be among those that are only summed up.
      const isKnown = memo.lost !== null && (lost !== undefined || memo.lostMore === null)
      const counted = isKnown ? { lost: lost?.records ?? 0 } : {}
      return { partition, from: start[partition] ?? 0, to, sourceEnd: lost?.to ?? null, ...counted }
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
  addNotes(scene, ...notes)
  return notes.length === 0 ? 'settings and rights are those of the source' : notes.join('; ')
}

/** The old cluster becomes the standby: its topics go on where they end. */
export const reverse: Step = async (scene) => {
  const { course, target } = scene
  await noteDirectWriters(scene)
  const old = sourceOf(scene)
  await old.store.refresh()
  await Promise.all([old.port.refresh(), target.port.refresh()])
  const known = newestDirection(course.link, [old.store.view, target.store.view])
  // Once it runs that way the log grows by what is copied, which is nobody's stranded tail.
  const isTurned = known?.toClusterId === old.cluster.clusterId
  const adopted = isTurned ? [] : await adopt(course.link, target, old)
  await turn(course.link, target, old)
  const stranded = adopted.flatMap(({ topic, stranded }) => stranded.map((range) => ({ topic, ...range })))
  if (stranded.length === 0) return `${course.link} runs from ${course.to} to ${course.from}`
  const named = stranded.map(({ topic, partition, from, to }) => `${topic}-${partition} ${from}..${to - 1}`)
  const note = `written at ${course.from} past the route, and stranded there: ${named.join(', ')}`
  addNotes(scene, note)
  return note
}
