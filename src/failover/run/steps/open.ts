import { listed } from '../../plan/words.ts'
import type { RouteRecord } from '../../state/records.ts'
import { awaitGateways } from '../gateways.ts'
import { refuseReleased } from '../phase.ts'
import { addNotes, routeOf, type Scene, type Step } from '../scene.ts'
import { admitAgain } from './deny.ts'

/** The route leads to the target: gateways swap what is behind their clients and let everything through. */
export const open: Step = async (scene) => {
  const { store, course, target } = scene
  await store.refresh()
  const current = routeOf(scene)
  const isDone = current.active === course.to
  const opened = {
    ...({ phase: 'open', active: course.to, activeClusterId: target.cluster.clusterId } as const),
    ...{ target: null, plan: null, asks: null, alone: scene.source === null },
  }
  if (!isDone) await refuseReleased(scene)
  const record = isDone ? current : await store.advance(current, opened)
  const { gone } = await awaitGateways(scene, record)
  noteMaybeTwice(scene, record)
  const { memo } = scene
  scene.memo = {
    ...memo,
    heldTo: memo.heldTo ?? scene.clock.now(),
    gone: [...new Set([...memo.gone, ...gone])],
  }
  return `clients go on at ${course.to}`
}

/** What was on its way at a crash and could not be looked for passes when its clients send it again. */
function noteMaybeTwice(scene: Scene, { epoch, active }: RouteRecord): void {
  const here = scene.store.gateways().filter((one) => one.epoch >= epoch && one.active === active)
  const found = here.flatMap(({ maybeTwice }) => maybeTwice ?? [])
  if (found.length === 0) return
  const sum = (of: (one: (typeof found)[number]) => number) =>
    found.reduce((total, one) => total + of(one), 0)
  const names = [...new Set(found.flatMap(({ partitions }) => partitions))]
  const what = `up to ${sum(({ records }) => records)} records (${sum(({ batches }) => batches)} batches)`
  const why =
    'could not be looked for in time, or not told from others within batches that the link had merged'
  addNotes(
    scene,
    `${what} may be on ${active} twice, in ${listed(names)}: on their way at the crash, they ${why}`,
  )
}

/** Puts the route back to what it was before the run, and lets the link go on. */
export async function undo(scene: Scene): Promise<void> {
  const { store, course, target, memo, clock } = scene
  await store.refresh()
  const current = routeOf(scene)
  if (current.plan === course.plan) {
    await admitAgain(scene)
    const record = await store.advance(current, {
      ...({ phase: 'open', target: null, plan: null, asks: null, alone: false } as const),
    })
    await awaitGateways(scene, record)
  }
  await target.store.refresh()
  const link = target.store.view.link(course.link)
  if (memo.linkRan === true && link !== null && link.desired === 'paused') {
    await target.store.putLink({ ...link, desired: 'active', updatedAt: clock.now() })
  }
}
