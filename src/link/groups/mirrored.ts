import type { Copying } from '../copy/copying.ts'
import type { Mirrors } from '../mirrors/mirrors.ts'
import type { TopicInfo } from '../mirrors/port.ts'
import type { TopicPartition } from '../port.ts'
import type { Others } from '../share/others.ts'
import type { Share } from '../share/share.ts'
import type { Mirrored } from './sync.ts'

export type MirroredOptions = {
  readonly mirrors: Mirrors
  readonly copying: Copying
  readonly others: Others
  readonly share: Share
  /** Whether a fault of a whole mirror ends the copying of it. */
  readonly isOver: (topic: string) => boolean
}

/** How far the mirrors are, whoever copies them: what group positions rest on. */
export class MirroredPartitions {
  readonly #options: MirroredOptions

  constructor(options: MirroredOptions) {
    this.#options = options
  }

  /** Partitions that positions wait for. One that stands still with a fault would hold back all groups. */
  awaited(topics: readonly TopicInfo[]): TopicPartition[] {
    const { mirrors, copying, isOver } = this.#options
    const all = topics.flatMap(({ name, partitions }) => {
      const mirror = mirrors.get(name)
      if (mirror === undefined || isOver(name)) return []
      // Those that a mirror cannot get just now would hold back all groups as well.
      const length = mirror.fault === null ? partitions : mirror.readyPartitions
      return Array.from({ length }, (_, partition) => ({ topic: name, partition }))
    })
    return all.filter(({ topic, partition }) => {
      const mirror = mirrors.of(topic)
      if (mirror.notes.damageTo(partition) !== null) return false
      const phase = copying.copierOf({ topic: mirror.name, partition })?.phase
      return phase !== 'faulted' && phase !== 'stopped'
    })
  }

  /** Null while it is not known, and for a topic that is not mirrored any more. */
  find({ topic, partition }: TopicPartition): Mirrored | null {
    const { mirrors, copying, others, share, isOver } = this.#options
    const mirror = mirrors.get(topic)
    if (mirror === undefined || mirror.released || isOver(topic)) return null
    const at = { topic: mirror.name, partition }
    const isOwn = share.otherOwnerOf({ topic, partition }) === null
    const end = (isOwn ? copying.copierOf(at)?.confirmed : null) ?? others.destinationEnd(at)
    if (end === null) return null
    return { mirror: mirror.name, start: mirror.startOf(partition), end }
  }
}
