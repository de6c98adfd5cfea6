import type { Copying } from '../copy/copying.ts'
import type { Mirror } from '../mirrors/mirror.ts'
import type { Mirrors } from '../mirrors/mirrors.ts'
import type { TopicInfo } from '../mirrors/port.ts'
import type { SessionOptions } from '../session-options.ts'
import { Deletions } from './deletions.ts'
import { defaultTravel } from './options.ts'
import type { OwnedChange } from './owned.ts'

export type GoneTopicsOptions = Pick<SessionOptions, 'spec' | 'ports' | 'state' | 'clock' | 'log'> & {
  readonly mirrors: Mirrors
  readonly copying: Copying
}

/** What one look showed: how many topics the source has at all, and the topics at the destination. */
export type SeenTopics = {
  readonly visible: number
  readonly atDestination: ReadonlyMap<string, TopicInfo>
}

/** What becomes of mirrors whose topics are gone: the link's policy, or the operator who deleted them already. */
export class GoneTopics {
  readonly #options: GoneTopicsOptions
  readonly #deletions: Deletions
  #deleted = 0
  #note: string | null = null

  constructor(options: GoneTopicsOptions) {
    this.#options = options
    this.#deletions = new Deletions((options.spec.travel ?? defaultTravel).deletion)
  }

  /** For status. */
  get told(): { readonly policy: 'keep' | 'delete'; readonly deleted: number; readonly note: string | null } {
    const { deletion } = this.#options.spec.travel ?? defaultTravel
    return { policy: deletion.afterMs === null ? 'keep' : 'delete', deleted: this.#deleted, note: this.#note }
  }

  /** At the leading worker: lets mirrors go that are deleted, and deletes those whose time has come. */
  async follow(missing: readonly Mirror[], seen: SeenTopics): Promise<void> {
    const { mirrors, clock } = this.#options
    const made = missing.filter(isMade)
    const mirrored = [...mirrors.values()].filter(isMade).length
    const topics = made.map(({ topic }) => topic)
    const at = clock.now()
    const { due, note } = this.#deletions.look({ at, visible: seen.visible, mirrored, missing: topics })
    this.#note = note
    for (const mirror of made) {
      const there = seen.atDestination.get(mirror.name) ?? null
      const presence = mirror.presence(there)
      if (presence === 'gone') await this.#letGo(mirror)
      if (presence === 'there' && there !== null && due.includes(mirror.topic)) {
        await this.#delete(mirror, there, at)
      }
    }
  }

  /** At the others: mirrors whose record the leading worker has ended are nobody's any more. */
  async forgetEnded(missing: readonly Mirror[]): Promise<void> {
    const { mirrors, copying, state } = this.#options
    for (const mirror of missing) {
      if (mirror.sourceTopicId === null || state.mirror(mirror.topic) !== null) continue
      await copying.removeAll(mirror.name)
      mirrors.drop(mirror)
    }
  }

  async #delete(mirror: Mirror, there: TopicInfo, at: number): Promise<void> {
    const { ports, log } = this.#options
    await ports.destination.remove?.(mirror.name)
    log.warn({ mirror: mirror.name, topic: mirror.topic }, 'mirror deleted after its topic')
    this.#deleted += 1
    await ports.travel?.book.write([receiptOf(mirror, there, at)])
    await this.#letGo(mirror)
  }

  async #letGo(mirror: Mirror): Promise<void> {
    const { mirrors, copying, state } = this.#options
    await copying.removeAll(mirror.name)
    await state.forgetMirror(mirror.topic)
    mirrors.forget(mirror)
  }
}

/** One that was let go, or that rests on purpose, is nobody's to delete. */
function isMade({ sourceTopicId, state, copies }: Mirror): boolean {
  return sourceTopicId !== null && copies && state !== 'promoting'
}

function receiptOf({ topic, name }: Mirror, { id }: TopicInfo, at: number): OwnedChange {
  return { what: `deleted/${topic}`, record: { kind: 'deleted', topic, mirror: name, mirrorTopicId: id, at } }
}
