import { askGateways } from '../ask-gateways.ts'
import type { CopyEnds } from '../copy-ends.ts'
import { countLoss } from '../count-loss.ts'
import type { Scene, Step } from '../scene.ts'
import { releasedBy } from './mirrors.ts'

/** Asks every gateway what it has seen acknowledged beyond the end of the target: that is what was lost, by record. */
export const loss: Step = async (scene) => {
  const { store, course, clock } = scene
  await store.refresh()
  const ends = endsOf(scene)
  const farewells = store.farewells()
  const gateways = await askGateways(scene, ends)
  const heldFrom = scene.memo.heldFrom ?? clock.now()
  const { lost, atLeast, uncounted } = countLoss({ gateways, farewells, heldFrom }, ends)
  scene.memo = {
    ...scene.memo,
    lost: lost === null ? null : [...lost],
    ...{ atLeast: [...atLeast], uncounted: [...uncounted] },
    partitions: Object.values(ends).reduce((sum, { length }) => sum + length, 0),
  }
  if (lost === null) return 'no gateway could say what was acknowledged'
  const records = lost.reduce((sum, one) => sum + one.records, 0)
  const more = atLeast.length === 0 ? '' : '; it may be more'
  const what = `${records} records that were acknowledged are not on ${course.to}`
  return `${records === 0 ? `nothing acknowledged is missing on ${course.to}` : what}${more}`
}

function endsOf(scene: Scene): CopyEnds {
  return Object.fromEntries(
    releasedBy(scene).map(({ topic, partitions }) => [topic, partitions.map(({ to }) => to)]),
  )
}
