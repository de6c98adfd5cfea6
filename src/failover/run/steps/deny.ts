import { KmcError, messageOf } from '../../../base/error.ts'
import { isReleased } from '../../../link/mirrors/life.ts'
import type { FenceBook } from '../../fence/book.ts'
import { DirectWriterWatch } from '../../fence/direct-writers.ts'
import { type FenceOrder, liftFence, raiseFence } from '../../fence/fence.ts'
import { type FenceReport, fenceText } from '../../fence/report.ts'
import { addNotes, routeOf, type Scene, type Step } from '../scene.ts'
import { releasedBy } from './mirrors.ts'

const LIFT_TRIES = 3
const LIFT_PAUSE_MS = 300

/**
 * The cluster that is left lets no client write any more, also those that never came through the route. One that is
 * gone is noted: gateways raise the fence there once it is back.
 */
export const deny: Step = async (scene) => {
  const { course, source, book } = scene
  const cluster = { name: course.from, reached: source?.cluster ?? null }
  const topics = topicsOf(scene)
  const order = { route: course.route, cluster, epoch: routeOf(scene).epoch, topics }
  // Writers wait: who writes past the route is looked for meanwhile.
  const [fence, watch] = await Promise.all([raised(order, book), startWatch(scene, topics)])
  scene.memo = { ...scene.memo, fence }
  scene.watch ??= watch
  return fenceText(fence)
}

/** Clients may write again to the cluster that the route now leads to, where an earlier switch had denied it. */
export const admit: Step = async (scene) => {
  const { course, target, book } = scene
  const refused = await liftFence(target.cluster, book)
  if (refused === null) return `nothing was denied on ${course.to}`
  if (refused.length > 0)
    addNotes(scene, `some ACL entries of the fence still stand on ${course.to}: ${refused[0]}`)
  return refused.length === 0 ? `${course.to} lets clients write again` : refused.join('; ')
}

/** For a run that is taken back, before anybody writes there again: a client that is denied gives up. */
export async function admitAgain({ source, book, course, clock, log }: Scene): Promise<void> {
  if (source === null) return
  for (let attempt = 1; ; attempt++) {
    const refused = await liftFence(source.cluster, book).catch((error: unknown) => [messageOf(error)])
    if (refused === null || refused.length === 0) return
    // The gateways go on with it: they lift what is denied on the cluster that serves.
    if (attempt === LIFT_TRIES) return log.warn({ route: course.route, refused }, 'fence not lifted')
    await clock.sleep(LIFT_PAUSE_MS)
  }
}

/** That kmc has no right to do it keeps nobody from moving the route: it is told, and gateways try again. */
async function raised(order: FenceOrder, book: FenceBook): Promise<FenceReport> {
  try {
    return await raiseFence(order, book)
  } catch (error) {
    if (!(error instanceof KmcError)) throw error
    const { name } = order.cluster
    return { cluster: name, state: 'failed', entries: 0, unfenced: [], refused: [error.message] }
  }
}

async function startWatch(
  { source, course: { route }, log }: Scene,
  topics: readonly string[],
): Promise<DirectWriterWatch | null> {
  if (source === null) return null
  try {
    return await DirectWriterWatch.start({ cluster: source.cluster, route, topics, log })
  } catch (error) {
    log.warn({ route, why: messageOf(error) }, 'direct writers are not watched')
    return null
  }
}

/** As they are called on both sides: a route's link gives no prefix. */
function topicsOf(scene: Scene): string[] {
  const { target, course } = scene
  const kept = target.store.view.mirrors(course.link).filter(({ state }) => !isReleased(state))
  return [...kept, ...releasedBy(scene)].map(({ topic }) => topic).sort()
}
