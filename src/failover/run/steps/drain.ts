import { nowMs } from '../../../client/clock.ts'
import { listOffsets } from '../../../client/list-offsets.ts'
import type { Outcome } from '../../../client/outcome.ts'
import { isReleased } from '../../../link/mirrors/life.ts'
import { failoverError } from '../../errors.ts'
import { writerTexts } from '../../fence/direct-writers.ts'
import { noteDirectWriters } from '../direct-writers.ts'
import { type Scene, type Step, sourceOf } from '../scene.ts'

const LOOK_EVERY_MS = 20
const BEAT_EVERY_MS = 2_000
/** Without any progress for this long the drain is given up. */
const STALLED_MS = 15_000

type Place = { readonly topic: string; readonly partition: number; readonly mirror: string }

/** Waits until the target has everything that the source has, and nothing is open or being written there. */
export const drain: Step = async (scene) => {
  const places = placesOf(scene)
  let best = Number.POSITIVE_INFINITY
  let movedAt = nowMs()
  let beatAt = nowMs()
  for (;;) {
    const left = await missing(scene, places)
    if (left.offsets === 0) {
      scene.memo = { ...scene.memo, partitions: places.length }
      return `${places.length} partitions end alike on both sides`
    }
    const now = nowMs()
    if (left.offsets < best) [best, movedAt] = [left.offsets, now]
    if (now - movedAt > STALLED_MS) throw await stalled(scene, left)
    if (now - beatAt > BEAT_EVERY_MS) {
      beatAt = now
      await scene.beat(`${left.offsets} offsets are missing, ${left.where}`)
    }
    scene.signal.throwIfAborted()
    await scene.clock.sleep(LOOK_EVERY_MS, scene.signal)
  }
}

/** Every partition of every mirror that the link keeps. */
function placesOf({ target, course }: Scene): Place[] {
  const { store, port } = target
  const kept = store.view
    .mirrors(course.link)
    .filter(({ state }) => !isReleased(state) && state !== 'seeding')
  return kept.flatMap(({ topic, mirror }) =>
    Array.from({ length: port.partitionsOf(mirror) }, (_, partition) => ({ topic, partition, mirror })),
  )
}

type Left = { readonly offsets: number; readonly where: string }

/** How much is missing; what is not known counts, and so does what an open transaction holds back. */
async function missing(scene: Scene, places: readonly Place[]): Promise<Left> {
  const source = sourceOf(scene).cluster
  const ask = (isolation: 'read_committed' | 'read_uncommitted') =>
    listOffsets(
      source,
      places.map(({ topic, partition }) => ({ topic, partition, at: 'end', isolation }) as const),
    )
  const [decided, written, here] = await Promise.all([
    ask('read_committed'),
    ask('read_uncommitted'),
    listOffsets(
      scene.target.cluster,
      places.map(({ mirror, partition }) => ({ topic: mirror, partition, at: 'end' }) as const),
    ),
  ])
  let offsets = 0
  let first: string | null = null
  for (const [index, { topic, partition }] of places.entries()) {
    const [stable, end, mirror] = [offsetOf(decided[index]), offsetOf(written[index]), offsetOf(here[index])]
    const isOpen = stable !== null && end !== null && stable < end
    const behind = end === null || mirror === null ? 1 : Math.abs(end - mirror)
    if (behind === 0) continue
    offsets += behind
    const why =
      end === null || mirror === null ? 'does not answer' : isOpen ? 'has an open transaction' : 'is behind'
    first ??= `${topic}-${partition} ${why}`
  }
  return { offsets, where: first ?? '' }
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
