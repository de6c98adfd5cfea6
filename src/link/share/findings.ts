import { messageOf } from '../../base/error.ts'
import { damageOf, faultOfDamage } from '../mirrors/damage.ts'
import type { Mirrors } from '../mirrors/mirrors.ts'
import type { TopicPartition } from '../port.ts'
import type { SessionOptions } from '../session-options.ts'
import type { Fault } from '../status.ts'

export type FindingsOptions = Pick<SessionOptions, 'spec' | 'share' | 'state' | 'log'> & {
  readonly mirrors: Mirrors
}

/**
 * Damage that must outlive the worker which found it. Whoever finds it leaves a finding, which the leading worker takes
 * over into the mirror's record. So one that leads no more and does not know it yet overwrites nothing.
 */
export class Findings {
  readonly #options: FindingsOptions
  readonly #unsaved: { readonly at: TopicPartition; readonly found: Fault }[] = []

  constructor(options: FindingsOptions) {
    this.#options = options
  }

  /** `at` by the source's name. What cannot be stored now is tried again with the next `takeOver`. */
  async keep(at: TopicPartition, found: Fault): Promise<void> {
    const { state, spec, log } = this.#options
    try {
      const mirrorTopicId = state.mirror(at.topic)?.mirrorTopicId
      if (mirrorTopicId === undefined) return
      const damage = damageOf(at.partition, found)
      await state.saveFinding(at, { link: spec.name, topic: at.topic, mirrorTopicId, damage })
    } catch (error) {
      log.warn({ ...at, why: messageOf(error) }, 'damage not stored yet')
      this.#unsaved.push({ at, found })
    }
  }

  /** Stores what could not be stored before, and, at the leading worker, takes over what others have found. */
  async takeOver(): Promise<void> {
    const { share, state, mirrors } = this.#options
    for (const { at, found } of this.#unsaved.splice(0)) await this.keep(at, found)
    if (!share.isLeader) return
    for (const { topic, mirrorTopicId, damage } of state.findings()) {
      const mirror = mirrors.get(topic)
      if (mirror === undefined) continue
      if (state.mirror(topic)?.mirrorTopicId === mirrorTopicId) {
        await mirror.notes.damaged(damage.partition, faultOfDamage(damage))
      }
      await state.saveFinding({ topic, partition: damage.partition }, null)
    }
  }
}
