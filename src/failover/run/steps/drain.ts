import { nowMs } from '../../../client/clock.ts'
import { listOffsets, type OffsetQuery } from '../../../client/list-offsets.ts'
import type { Outcome } from '../../../client/outcome.ts'
import { failoverError } from '../../errors.ts'
import { writerTexts } from '../../fence/direct-writers.ts'
import { listed } from '../../plan/words.ts'
import { noteDirectWriters } from '../direct-writers.ts'
import { pacedBeat } from '../paced-beat.ts'
import { lookForPlaces, type Place, type Places } from '../places.ts'
import { addNotes, type Scene, type Step, sourceOf } from '../scene.ts'

const LOOK_EVERY_MS = 20
const BEAT_EVERY_MS = 2_000
/** What is being made on the target is looked for this often. */
const PLACES_EVERY_MS = 200
/** Without any progress for this long the drain is given up. */
const STALLED_MS = 15_000

/** Waits until the target has everything that the source has, and nothing is open or being written there. */
export const drain: Step = async (scene) => {
  let places = await lookForPlaces(scene)
  let [best, lookedAt] = [Number.POSITIVE_INFINITY, nowMs()]
  let movedAt = lookedAt
  const tell = pacedBeat(scene, BEAT_EVERY_MS)
  for (;;) {
    const left = add(await missing(scene, places.kept), unkept(scene, places))
    if (left.offsets === 0) {
      await noteSkipped(scene, places.skipped)
      noteLeft(scene, places)
      return `${places.kept.length} partitions end alike on both sides`
    }
    const now = nowMs()
    if (left.offsets < best) [best, movedAt] = [left.offsets, now]
    if (now - movedAt > STALLED_MS) throw await stalled(scene, left)
    await tell(() => `${left.offsets} offsets are missing, ${left.where}`)
    scene.signal.throwIfAborted()
    await scene.clock.sleep(LOOK_EVERY_MS, scene.signal)
    if (unkept(scene, places).offsets > 0 && nowMs() - lookedAt > PLACES_EVERY_MS) {
      places = await lookForPlaces(scene)
      lookedAt = nowMs()
    }
  }
}

type Left = { readonly offsets: number; readonly where: string }

function add(a: Left, b: Left): Left {
  return { offsets: a.offsets + b.offsets, where: a.where || b.where }
}

/** What was made since the run began and is on one side only: each counts as one that is missing. */
function unkept({ memo, course }: Scene, { topics, partitions }: Places): Left {
  const fresh = [...topics.filter((topic) => !memo.leaves.includes(topic)), ...partitions]
  return { offsets: fresh.length, where: fresh.length === 0 ? '' : `${fresh[0]} is not on ${course.to} yet` }
}

/** Topics that had no mirror when the run began stay behind, with all that was acknowledged in them. */
function noteLeft(scene: Scene, { kept, topics }: Places): void {
  const { memo, course } = scene
  const text = `topics of link ${course.link} without a mirror stayed behind on ${course.from}: ${listed(topics, 20)}`
  if (topics.length > 0 && !memo.notes.includes(text)) addNotes(scene, text)
  scene.memo = { ...scene.memo, partitions: kept.length }
}

/** What mirrors that stand still lack stays behind, and the receipt says how much. */
async function noteSkipped(scene: Scene, places: readonly Place[]): Promise<void> {
  if (places.length === 0) return
  const byTopic = Map.groupBy(await shortfalls(scene, places), ({ topic }) => topic)
  for (const [topic, own] of byTopic) {
    const what = `${sumOf(own)} offsets that its mirror lacks stayed behind on ${scene.course.from}`
    addNotes(scene, `${topic} stood still: ${what}`)
  }
}

async function missing(scene: Scene, places: readonly Place[]): Promise<Left> {
  const found = await shortfalls(scene, places)
  return { offsets: sumOf(found), where: found[0]?.where ?? '' }
}

type Shortfall = Left & { readonly topic: string }

function sumOf(found: readonly Left[]): number {
  return found.reduce((sum, { offsets }) => sum + offsets, 0)
}

/**
 * Of which partitions how much is missing; what is not known counts, and so do what an open transaction holds back and
 * what a leader has that was not replicated yet: with acks=1 it was acknowledged.
 */
async function shortfalls(scene: Scene, places: readonly Place[]): Promise<Shortfall[]> {
  const source = sourceOf(scene).cluster
  const ask = (point: Pick<OffsetQuery, 'at' | 'isolation'>) =>
    listOffsets(
      source,
      places.map(({ topic, partition }) => ({ topic, partition, ...point })),
    )
  const [decided, replicated, all, here] = await Promise.all([
    ask({ at: 'end', isolation: 'read_committed' }),
    ask({ at: 'end' }),
    ask({ at: 'log-end' }),
    listOffsets(
      scene.target.cluster,
      places.map(({ mirror, partition }) => ({ topic: mirror, partition, at: 'end' }) as const),
    ),
  ])
  return places.flatMap(({ topic, partition }, index) => {
    const [stable, end] = [offsetOf(decided[index]), offsetOf(replicated[index])]
    const [written, mirror] = [offsetOf(all[index]), offsetOf(here[index])]
    const at = `${topic}-${partition}`
    if (stable === null || end === null || written === null || mirror === null) {
      return [{ topic, offsets: 1, where: `${at} does not answer` }]
    }
    const offsets = Math.abs(end - mirror) + Math.abs(written - end)
    if (offsets === 0) return []
    const why = stable < end ? 'has an open transaction' : written > end ? 'is not replicated' : 'is behind'
    return [{ topic, offsets, where: `${at} ${why}` }]
  })
}

function offsetOf(answer: Outcome<{ readonly offset: number }> | undefined): number | null {
  return answer?.ok ? answer.value.offset : null
}

async function stalled(scene: Scene, { offsets, where }: Left): Promise<Error> {
  const { course } = scene
  const writers = writerTexts(await noteDirectWriters(scene))
  const whose = writers.length === 0 ? '' : `; past the route writes ${writers.join('; ')}`
  const text = `${offsets} offsets did not arrive on ${course.to}, ${where}${whose}`
  return failoverError('FAILOVER_NOT_DRAINED', `route ${course.route}: ${text}`, { context: { offsets } })
}
