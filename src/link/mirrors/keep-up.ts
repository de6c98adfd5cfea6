import type { Mirror, Trim } from './mirror.ts'
import type { MirrorDestination, MirrorSource, TopicInfo } from './port.ts'

export type KeepUp = {
  readonly source: MirrorSource
  readonly destination: MirrorDestination
  /** Also what the source's brokers make of settings that nobody set. */
  readonly effective: boolean
  /** Sound mirrors and their topics. */
  readonly pairs: readonly { readonly topic: TopicInfo; readonly mirror: Mirror }[]
}

/** Carries changed settings over to the mirrors, and deletes from them what the source has deleted. */
export async function keepUp({ source, destination, effective, pairs }: KeepUp): Promise<void> {
  if (pairs.length === 0) return
  const topics = pairs.map(({ topic }) => topic.name)
  const [here, there] = await Promise.all([
    source.configs(topics, effective),
    destination.configs(pairs.map(({ mirror }) => mirror.name)),
  ])
  const trims: { readonly id: string; readonly mirror: string; readonly moves: readonly Trim[] }[] = []
  for (const { topic, mirror } of pairs) {
    const moves = await mirror.keepUp(topic, here.get(topic.name) ?? {}, there.get(mirror.name) ?? {})
    if (moves.length > 0) trims.push({ id: topic.id, mirror: mirror.name, moves })
  }
  if (trims.length === 0) return
  // Log starts are asked for by name, and a topic that was made again since has others: nothing is deleted for them.
  const still = new Set((await source.topics()).map(({ id }) => id))
  for (const { id, mirror, moves } of trims) if (still.has(id)) await destination.trim(mirror, moves)
}
