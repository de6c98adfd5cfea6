import { nowMs } from '../../../client/clock.ts'
import { listOffsets } from '../../../client/list-offsets.ts'
import { isCopied } from '../../../link/mirrors/life.ts'
import { failoverError } from '../../errors.ts'
import { counted } from '../../plan/words.ts'
import { type Approach, type Behind, comeNear, type StartLap } from '../laps.ts'
import { pacedBeat } from '../paced-beat.ts'
import { lookForPlaces, type Place } from '../places.ts'
import { type Scene, type Step, sourceOf } from '../scene.ts'

const BEAT_EVERY_MS = 2_000

/** The link brings over what is missing while clients still write, so that they do not wait for it afterwards. */
export const approach: Step = async (scene) => {
  const { clock, signal, catchUpMs } = scene
  if (catchUpMs === 0) return 'writers wait for whatever is missing'
  const tell = pacedBeat(scene, BEAT_EVERY_MS)
  const onBehind = (behind: Behind) => tell(() => `${textOf(behind)}; clients go on meanwhile`)
  const steady = { ...clock, now: nowMs }
  const came = await comeNear(lapsOf(scene), { clock: steady, signal, limitMs: catchUpMs, onBehind })
  if (came.end !== 'near') throw tooFar(scene, came)
  return `what is missing arrives within ${seconds(came.tookMs)}`
}

/** Up to where transactions are decided: what is open is the drain's to wait for. */
function lapsOf(scene: Scene): StartLap {
  return async () => {
    let missing = await endsOf(scene)
    return async () => {
      missing = await stillMissing(scene, missing)
      return behindOf(missing)
    }
  }
}

/** What of a partition has to arrive: up to `end`. */
type Missing = Place & { readonly end: number; readonly offsets: number }

async function endsOf(scene: Scene): Promise<Missing[]> {
  const places = await copiedPlaces(scene)
  const decided = { at: 'end', isolation: 'read_committed' } as const
  const asked = places.map(({ topic, partition }) => ({ topic, partition, ...decided }))
  const ends = await listOffsets(sourceOf(scene).cluster, asked)
  return places.flatMap((place, index) => {
    const end = ends[index]!
    return end.ok ? { ...place, end: end.value.offset, offsets: 1 } : []
  })
}

/** One that does not answer is as it was. */
async function stillMissing(scene: Scene, places: readonly Missing[]): Promise<Missing[]> {
  const asked = places.map(({ mirror, partition }) => ({ topic: mirror, partition, at: 'end' }) as const)
  const here = await listOffsets(scene.target.cluster, asked)
  return places
    .map((place, index) => {
      const answer = here[index]!
      return answer.ok ? { ...place, offsets: place.end - answer.value.offset } : place
    })
    .filter(({ offsets }) => offsets > 0)
}

/** What nobody copies would be waited for in vain; whether that matters the plan has said. */
async function copiedPlaces(scene: Scene): Promise<Place[]> {
  const { kept } = await lookForPlaces(scene)
  const mirrors = scene.target.store.view.mirrors(scene.course.link)
  const copied = new Set(mirrors.filter(({ state }) => isCopied(state)).map(({ topic }) => topic))
  return kept.filter(({ topic }) => copied.has(topic))
}

function behindOf(missing: readonly Missing[]): Behind {
  const [worst] = missing.toSorted((a, b) => b.offsets - a.offsets)
  const offsets = missing.reduce((sum, one) => sum + one.offsets, 0)
  return { offsets, worst: worst === undefined ? null : `${worst.topic}-${worst.partition}` }
}

function textOf({ offsets, worst }: Behind): string {
  return `${counted(offsets, 'offset')} missing, most of them in ${worst}`
}

function tooFar({ course }: Scene, { end, behind, afterMs }: Exclude<Approach, { end: 'near' }>): Error {
  const how = end === 'stalled' ? 'and nothing more of them arrives' : `after ${seconds(afterMs)}`
  const text = `${course.to} is too far behind to hold writers for the rest: ${textOf(behind)}, ${how}`
  const context = { offsets: behind.offsets, partition: behind.worst }
  return failoverError('FAILOVER_FAR_BEHIND', `route ${course.route}: ${text}`, { context })
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`
}
