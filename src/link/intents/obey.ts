import { messageOf } from '../../base/error.ts'
import { Signal } from '../copy/signal.ts'
import { stepOf, type Verb } from '../mirrors/life.ts'
import type { AnswerRecord, IntentRecord } from '../state/intents.ts'
import { failOver } from './fail-over.ts'
import { type Errand, faultsOf, type Household } from './household.ts'
import { Promoting } from './promote.ts'
import { Repairing } from './repair.ts'

/** While any is open; new ones come with the state topic. */
const AGAIN_MS = 1_000
const REST_MS = 30_000

/**
 * Does what operators want of single mirrors. Every intent is answered in the mirror's record: `working` from the
 * moment when it changed something, so that the next worker goes on where this one was ended.
 */
export class Obeying {
  readonly #house: Household
  readonly #intents: () => readonly IntentRecord[]
  readonly #promoting: Promoting
  readonly #repairing: Repairing
  readonly #news = new Signal()

  constructor(house: Household, intents: () => readonly IntentRecord[]) {
    this.#house = house
    this.#intents = intents
    this.#promoting = new Promoting(house)
    this.#repairing = new Repairing(house)
  }

  /** Works until the link halts. */
  async run(): Promise<void> {
    const { copying, clock, log } = this.#house
    while (!copying.stopping) {
      let isOpen = true
      try {
        isOpen = await this.step()
      } catch (error) {
        log.warn({ what: 'intents', why: messageOf(error) }, 'a round of the link failed')
      }
      if (!copying.stopping) await this.#news.wait(isOpen ? AGAIN_MS : REST_MS, clock)
    }
  }

  /** There may be something new, or the link halts. */
  wake(): void {
    this.#news.give()
  }

  /** Looks at every intent that has no final answer yet; true when there was any, so that it is to be called again. */
  async step(): Promise<boolean> {
    let isOpen = false
    for (const intent of urgentFirst(this.#intents())) {
      const mirror = this.#house.mirrorOf(intent.topic)
      if (mirror === null) {
        isOpen = true
        continue
      }
      const answer = mirror.notes.answer?.intent === intent.id ? mirror.notes.answer : null
      if (answer !== null && answer.outcome !== 'working') continue
      isOpen = true
      try {
        await this.#obey({ intent, mirror }, answer)
      } catch (error) {
        this.#house.log.warn({ topic: intent.topic, why: messageOf(error) }, 'an intent is not done yet')
      }
    }
    return isOpen
  }

  async #obey(errand: Errand, answer: AnswerRecord | null): Promise<void> {
    const { wish } = errand.intent
    if (wish.verb === 'repair') return this.#repairing.step({ ...errand, wish }, answer)
    if (answer === null && !(await this.#begin(errand, wish.verb))) return
    if (wish.verb === 'promote') await this.#promoting.step(errand)
    if (wish.verb === 'failover') await failOver(errand, this.#house)
  }

  /** Takes the verb's step in the table. Returns whether there is more to do than that. */
  async #begin({ intent, mirror }: Errand, verb: Verb): Promise<boolean> {
    const stands = faultsOf(this.#house, mirror).size > 0
    const state = mirror.state === 'active' && stands ? 'faulted' : mirror.state
    const step = stepOf(state, verb)
    const now = this.#house.clock.now()
    if (step.kind !== 'change') {
      const outcome = step.kind === 'already' ? 'done' : 'refused'
      await mirror.notes.answers({ intent: intent.id, outcome, text: `${mirror.name} ${step.why}`, at: now })
      return false
    }
    this.#house.log.info(
      { topic: intent.topic, verb, from: state, to: step.to, by: intent.by },
      'mirror changes',
    )
    const goesOn = verb === 'promote' || verb === 'failover'
    const outcome = goesOn ? 'working' : 'done'
    const text = `${mirror.name} is ${step.to}`
    await mirror.notes.moves(step.to, { intent: intent.id, outcome, text, at: now })
    await this.#house.settle(mirror)
    return goesOn
  }
}

/** A failover does not wait for the requests that others ask of a source which may be gone. */
function urgentFirst(intents: readonly IntentRecord[]): IntentRecord[] {
  const rank = ({ wish }: IntentRecord) => (wish.verb === 'failover' ? 0 : 1)
  return [...intents].sort((a, b) => rank(a) - rank(b) || a.at - b.at)
}
