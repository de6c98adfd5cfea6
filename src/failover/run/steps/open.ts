import { awaitGateways } from '../gateways.ts'
import { refuseReleased } from '../phase.ts'
import { routeOf, type Scene, type Step } from '../scene.ts'
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
  const { memo } = scene
  scene.memo = {
    ...memo,
    heldTo: memo.heldTo ?? scene.clock.now(),
    gone: [...new Set([...memo.gone, ...gone])],
  }
  return `clients go on at ${course.to}`
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
