import { isReleased } from '../../link/mirrors/life.ts'
import { nameMatcher } from '../../link/names.ts'
import { type Scene, sourceOf } from './scene.ts'

export type Place = { readonly topic: string; readonly partition: number; readonly mirror: string }

/** What the link keeps, and what it is to keep and does not yet. */
export type Places = {
  /** Every partition that stands on both sides. */
  readonly kept: readonly Place[]
  /** Of those whose mirrors stand still, as the plan has accepted: what they lack is not waited for. */
  readonly skipped: readonly Place[]
  /** Topics without a mirror that holds anything. */
  readonly topics: readonly string[]
  /** Partitions that the mirror of a topic lacks. */
  readonly partitions: readonly string[]
}

/** Looks at both clusters as they are now: topics and partitions may have been made a moment ago. */
export async function lookForPlaces(scene: Scene): Promise<Places> {
  const { target, course } = scene
  const source = sourceOf(scene)
  await Promise.all([target.store.refresh(), target.port.refresh(), source.port.refresh()])
  const known = target.store.view.mirrors(course.link)
  const mirrors = new Map(
    known.filter(({ state }) => state !== 'seeding').map((mirror) => [mirror.topic, mirror]),
  )
  const matches = nameMatcher(target.store.view.link(course.link)?.topics ?? [])
  const topics = source.cluster.metadata.topics.map(({ name }) => name).filter((name) => !mirrors.has(name))
  const held = [...mirrors.values()].filter(({ state }) => !isReleased(state))
  const skips = new Set(course.skips)
  const partitions = held.flatMap(({ topic, mirror }) => {
    if (skips.has(topic)) return []
    const lacking = source.port.partitionsOf(topic) - target.port.partitionsOf(mirror)
    return Array.from({ length: Math.max(0, lacking) }, (_, index) => {
      return `${topic}-${target.port.partitionsOf(mirror) + index}`
    })
  })
  const places = held.flatMap(({ topic, mirror }) =>
    Array.from({ length: target.port.partitionsOf(mirror) }, (_, partition) => ({
      topic,
      partition,
      mirror,
    })),
  )
  const [skipped, kept] = [true, false].map((is) => places.filter(({ topic }) => skips.has(topic) === is))
  return { kept: kept!, skipped: skipped!, topics: topics.filter(matches).sort(), partitions }
}
