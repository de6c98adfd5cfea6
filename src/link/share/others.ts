import type { Clock } from '../../base/clock.ts'
import { nameOf } from '../errors.ts'
import type { DestinationPort, SourcePort, TopicPartition } from '../port.ts'

/** A partition that this worker does not copy: another one does, or nobody, as its mirror is paused. */
export type Held = { readonly source: TopicPartition; readonly mirror: TopicPartition }

/** Its ends as last looked up; null where a side has not answered yet. `at`: of the older one. */
export type Ends = {
  readonly sourceEnd: number | null
  readonly destinationEnd: number | null
  readonly at: number
}

type Seen = { readonly end: number; readonly at: number }
type Sides = { readonly source?: Seen; readonly destination?: Seen }

export type OthersOptions = {
  readonly source: SourcePort
  readonly destination: DestinationPort
  readonly held: () => readonly Held[]
  readonly clock: Clock
}

/** How far the partitions are that this worker does not copy, as both clusters tell. */
export class Others {
  readonly #options: OthersOptions
  #seen = new Map<string, Sides>()

  constructor(options: OthersOptions) {
    this.#options = options
  }

  /** By the mirror's name; null before the first look. */
  ends(mirror: TopicPartition): Ends | null {
    const { source, destination } = this.#seen.get(nameOf(mirror)) ?? {}
    if (source === undefined && destination === undefined) return null
    const at = Math.min(source?.at ?? Number.POSITIVE_INFINITY, destination?.at ?? Number.POSITIVE_INFINITY)
    return { sourceEnd: source?.end ?? null, destinationEnd: destination?.end ?? null, at }
  }
  destinationEnd(mirror: TopicPartition): number | null {
    return this.ends(mirror)?.destinationEnd ?? null
  }

  /** Looks at both sides. What does not answer stays as it was. */
  async look(): Promise<void> {
    const { source, held, clock } = this.#options
    const all = held()
    const before = this.#seen
    // One that is copied here by now is forgotten.
    this.#seen = new Map(all.flatMap(({ mirror }) => entryOf(before, nameOf(mirror))))
    if (all.length === 0) return
    await this.#lookAtDestination(all)
    const sides = Map.groupBy(all, (each) => source.leaderOf(each.source))
    for (const [node, group] of sides) {
      if (node === null) continue
      const answers = await source.ranges(
        node,
        group.map((each) => each.source),
      )
      for (const [index, { errorCode, end }] of answers.entries()) {
        if (errorCode === 0) this.#note(group[index]!.mirror, { source: { end, at: clock.now() } })
      }
    }
  }

  /** The mirrors' ends alone, fresh: group positions rest on them. @throws when a broker does not answer */
  async lookAtDestination(): Promise<void> {
    await this.#lookAtDestination(this.#options.held())
  }

  async #lookAtDestination(all: readonly Held[]): Promise<void> {
    const { destination, clock } = this.#options
    for (const [node, group] of Map.groupBy(all, (each) => destination.leaderOf(each.mirror))) {
      if (node === null) continue
      // Another worker writes there: its log nearly always holds more than readers see, which is no reason to wait.
      const answers = await destination.visibleEnds(
        node,
        group.map((each) => each.mirror),
      )
      for (const [index, { errorCode, offset }] of answers.entries()) {
        if (errorCode === 0)
          this.#note(group[index]!.mirror, { destination: { end: offset, at: clock.now() } })
      }
    }
  }

  #note(mirror: TopicPartition, seen: Sides): void {
    const name = nameOf(mirror)
    this.#seen.set(name, { ...this.#seen.get(name), ...seen })
  }
}

function entryOf<T>(map: ReadonlyMap<string, T>, key: string): [string, T][] {
  const value = map.get(key)
  return value === undefined ? [] : [[key, value]]
}
