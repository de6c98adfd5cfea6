import type { LinkSpec } from '../../../link/spec.ts'
import { verifyLink } from '../../../link/verify/verify.ts'
import type { Scene, Step } from '../scene.ts'
import { releasedBy } from './mirrors.ts'

/** More than this is left to `kmc verify`, which may take its time. */
const OFFSETS_MAX = 2_000_000

/**
 * Compares what both clusters hold, record by record, as far as the old one goes. A difference is a result like any
 * other: the route has been moved, and no repeated step would take that back.
 */
export const verify: Step = async (scene) => {
  const verified = await compared(scene)
  scene.memo = { ...scene.memo, verified }
  return verified.text
}

async function compared(scene: Scene): Promise<NonNullable<Scene['memo']['verified']>> {
  const offsets = releasedBy(scene)
    .flatMap(({ partitions }) => partitions)
    .reduce((sum, { from, to }) => sum + to - from, 0)
  const { link } = scene.course
  if (offsets > OFFSETS_MAX) {
    return { equal: null, text: `${offsets} offsets are too many to compare here: run kmc verify ${link}` }
  }
  const report = await verifyLink(turnedSpec(scene), { signal: scene.signal })
  const different = report.partitions.find(({ equal }) => !equal)
  if (different === undefined) {
    return { equal: true, text: `${report.records} records are the same on both sides` }
  }
  const { topic, partition, firstDifference, problem } = different
  return {
    equal: false,
    text: `${topic}-${partition} ${problem ?? `differs from offset ${firstDifference} on`}`,
  }
}

function turnedSpec({ course, configs }: Scene): LinkSpec {
  return {
    ...{ name: course.link, source: configs.target, destination: configs.source },
    ...{ topics: ['*'], groups: [], prefix: '', start: { at: 'earliest' } },
  }
}
