import { listOffsets } from '../../../client/list-offsets.ts'
import type { GroupAnswer } from '../../../link/groups/port.ts'
import { clamp, type Position } from '../../../link/groups/position.ts'
import { nameMatcher } from '../../../link/names.ts'
import { GroupDestinationAdapter, GroupSourceAdapter } from '../../../link/ports/groups.ts'
import { ErrorCode, errorOf } from '../../../wire/error-codes.ts'
import { failoverError } from '../../errors.ts'
import { evictAll } from '../ghosts.ts'
import { pacedBeat } from '../paced-beat.ts'
import { refuseReleased } from '../phase.ts'
import { type Scene, type Step, sourceOf } from '../scene.ts'

/** A coordinator that has just been made answers that it is none for a while. */
const TRIES_MAX = 50
const PAUSE_MS = 100
/** What a group with members answers to whoever is none of them. */
const IN_USE: ReadonlySet<number> = new Set([
  ErrorCode.UNKNOWN_MEMBER_ID,
  ErrorCode.ILLEGAL_GENERATION,
  ErrorCode.STALE_MEMBER_EPOCH,
])
const BEAT_EVERY_MS = 1_000

/**
 * Copies the positions of all groups of the link once more, now that no member can move them and no worker of the link
 * writes older ones over them. What cannot be written would be read again, or passed over: that calls the switch off.
 */
export const positions: Step = async (scene) => {
  const { course, target } = scene
  const source = new GroupSourceAdapter(sourceOf(scene).cluster)
  const matches = nameMatcher(course.groups)
  const groups = (await source.list()).filter(matches)
  const read = await source.positions(groups)
  const mirrors = new Set(target.store.view.mirrors(course.link).map(({ mirror }) => mirror))
  let count = 0
  const tell = pacedBeat(scene, BEAT_EVERY_MS, Number.NEGATIVE_INFINITY)
  for (const answer of read) {
    if ('error' in answer) throw answer.error
    const here = answer.positions.filter(({ topic }) => mirrors.has(topic))
    // A process that slept here may wake when somebody else has brought the run to its end, and groups are further.
    await tell(() => `${read.length} groups`)
    if (here.length > 0) await write(scene, answer.group, here)
    count += here.length
  }
  await refuseReleased(scene)
  scene.memo = { ...scene.memo, groups: groups.length, positions: count }
  return `${count} positions of ${groups.length} groups stand on ${course.to}`
}

/** Sets positions that lie beyond what has arrived back to its end: a reader there would start all over, or skip. */
export const clampPositions: Step = async (scene) => {
  const { course, target } = scene
  const port = new GroupDestinationAdapter(target.cluster)
  const list = new GroupSourceAdapter(target.cluster)
  const groups = (await list.list()).filter(nameMatcher(course.groups))
  const clamped: Scene['memo']['clamped'] = []
  for (const answer of await port.positions(groups)) {
    const beyond = await beyondEnd(scene, answer)
    if (beyond.length === 0) continue
    await write(scene, answer.group, beyond)
    clamped.push(
      ...beyond.map(({ topic, partition, was, offset }) => {
        return { group: answer.group, topic, partition, from: was, to: offset }
      }),
    )
  }
  scene.memo = { ...scene.memo, groups: groups.length, clamped }
  return clamped.length === 0
    ? 'no position lies beyond what has arrived'
    : `${clamped.length} positions set back`
}

async function beyondEnd(
  { target }: Scene,
  answer: GroupAnswer,
): Promise<(Position & { readonly was: number })[]> {
  if ('error' in answer) throw answer.error
  const queries = answer.positions.map(({ topic, partition }) => ({ topic, partition, at: 'end' }) as const)
  const ends = await listOffsets(target.cluster, queries)
  return answer.positions.flatMap((position, index) => {
    const end = ends[index]
    // A topic that is gone has no position to keep.
    if (end === undefined || !end.ok) return []
    const offset = clamp(position.offset, { start: 0, end: end.value.offset })
    return offset === position.offset ? [] : [{ ...position, offset, was: position.offset }]
  })
}

async function write(scene: Scene, group: string, positions: readonly Position[]): Promise<void> {
  const port = new GroupDestinationAdapter(scene.target.cluster)
  let left = positions
  for (let attempt = 0; attempt < TRIES_MAX; attempt++) {
    const refused = await port.commit(group, left)
    if (refused.length === 0) return
    const isInUse = refused.some(({ errorCode }) => IN_USE.has(errorCode))
    if (isInUse) await evictAll(scene.target.cluster, group)
    const worst = refused.find(({ errorCode }) => !errorOf(errorCode).retriable && !IN_USE.has(errorCode))
    if (worst !== undefined) throw notWritten(scene, group, errorOf(worst.errorCode).name)
    left = left.filter((one) => refused.some(({ topic, partition }) => isAt(one, topic, partition)))
    await scene.clock.sleep(PAUSE_MS, scene.signal)
  }
  throw notWritten(scene, group, 'its coordinator does not settle, or members join it there again and again')
}

function isAt(position: Position, topic: string, partition: number): boolean {
  return position.topic === topic && position.partition === partition
}

function notWritten({ course }: Scene, group: string, why: string): Error {
  const message = `route ${course.route}: positions of group ${group} were not taken by ${course.to}: ${why}`
  return failoverError('FAILOVER_POSITIONS', message, { context: { group } })
}
