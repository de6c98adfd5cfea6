import { type CopyEnds, countLoss } from '../count-loss.ts'
import { awaitGateways } from '../gateways.ts'
import { routeOf, type Scene, type Step } from '../scene.ts'
import { releasedBy } from './mirrors.ts'

/** A batch of the state topic takes 512 KiB. */
const PARTITIONS_MAX = 30_000

/** Asks every gateway what it has seen acknowledged beyond the end of the target: that is what was lost, by record. */
export const loss: Step = async (scene) => {
  const { store, course, clock } = scene
  await store.refresh()
  const { ends, left } = boundedEnds(endsOf(scene))
  const current = routeOf(scene)
  const asked = current.asks !== null ? current : await store.advance(current, { asks: { ends } })
  await awaitGateways(scene, asked)
  const gateways = store.gateways().map((one) => (one.epoch < asked.epoch ? { ...one, acked: null } : one))
  const found = countLoss(gateways, ends, scene.memo.heldFrom ?? clock.now())
  const { lost, uncounted } = found
  const atLeast = left === 0 ? found.atLeast : [...found.atLeast, `${left} topics were not asked about`]
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

/** As many topics as fit into one record. */
function boundedEnds(all: CopyEnds): { readonly ends: Record<string, number[]>; readonly left: number } {
  const ends: Record<string, number[]> = {}
  let [count, left] = [0, 0]
  for (const [topic, list] of Object.entries(all)) {
    count += list.length
    if (count <= PARTITIONS_MAX) ends[topic] = [...list]
    else left++
  }
  return { ends, left }
}
