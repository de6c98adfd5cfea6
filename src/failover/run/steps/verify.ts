import type { LinkSpec } from '../../../link/spec.ts'
import type { VerifyReport } from '../../../link/verify/report.ts'
import { verifyLink } from '../../../link/verify/verify.ts'
import type { Memo } from '../memo.ts'
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

type Verified = NonNullable<Memo['verified']>

async function compared(scene: Scene): Promise<Verified> {
  const offsets = releasedBy(scene)
    .flatMap(({ partitions }) => partitions)
    .reduce((sum, { from, to }) => sum + to - from, 0)
  const { link } = scene.course
  if (offsets > OFFSETS_MAX) {
    return { equal: null, text: `${offsets} offsets are too many to compare here: run kmc verify ${link}` }
  }
  return verdictOf(await verifyLink(turnedSpec(scene), { signal: scene.signal }), link)
}

/** What could not be read is no difference: it is not known whether it is one. Pure. */
export function verdictOf(
  { records, partitions }: Pick<VerifyReport, 'records' | 'partitions'>,
  link: string,
): Verified {
  const different = partitions.find(({ equal, problem }) => !equal && problem === null)
  if (different !== undefined) {
    const { topic, partition, firstDifference } = different
    return { equal: false, text: `${topic}-${partition} differs from offset ${firstDifference} on` }
  }
  const unread = partitions.find(({ problem }) => problem !== null)
  if (unread === undefined) return { equal: true, text: `${records} records are the same on both sides` }
  const { topic, partition, problem } = unread
  return {
    equal: null,
    text: `${topic}-${partition} could not be compared, run kmc verify ${link}: ${problem}`,
  }
}

function turnedSpec({ course, configs }: Scene): LinkSpec {
  return {
    ...{ name: course.link, source: configs.target, destination: configs.source },
    ...{ topics: ['*'], groups: [], prefix: '', start: { at: 'earliest' } },
  }
}
