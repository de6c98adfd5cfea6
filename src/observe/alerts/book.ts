import type { Fact, Subject } from './fact.ts'
import { type AlertRule, type Severity, shippedRules } from './rules.ts'
import { isSilenced, matchesSubject, type Silence } from './silence.ts'

/** `pending`: it holds, but not for long enough; `firing`: it does; it stays so until it has not held for a while. */
export type Alert = {
  readonly rule: string
  readonly title: string
  readonly remedy: string
  readonly severity: Severity
  readonly labels: Readonly<Record<string, string>>
  readonly subject: Subject
  readonly state: 'pending' | 'firing'
  readonly value: number
  /** Since when it holds. */
  readonly since: number
  readonly firedAt: number | null
  /** When somebody was last told; null while nobody was. */
  readonly toldAt: number | null
  readonly isSilenced: boolean
}

/** Something to tell. `again`: it still goes on; `gone`: what it was about is not there any more; `test`: a trial. */
export type AlertEvent = {
  readonly what: 'firing' | 'again' | 'recovered' | 'gone' | 'test'
  readonly alert: Alert
  readonly at: number
}

/** What has to outlive a restart, so that nobody is told twice. JSON. */
export type AlertMemory = {
  readonly held: readonly HeldAlert[]
  readonly silences: readonly Silence[]
}

type HeldAlert = {
  readonly rule: string
  readonly subject: Subject
  value: number
  readonly since: number
  firedAt: number | null
  toldAt: number | null
  /** When it was last seen to hold. */
  heldAt: number
  /** Since when it was seen not to hold; null while it does. What is not known changes nothing. */
  clearedAt: number | null
  isOver: boolean
  /** When its fact was last seen at all. */
  seenAt: number
}

/** Held alerts at a time; what comes beyond is not taken in before others have ended. */
export const ALERTS_MAX = 10_000
const SILENCES_MAX = 1_000
/** What no fact was heard of for so long is gone: a group that was deleted, a link that was taken away. */
const GONE_MS = 10 * 60_000

/** Which alerts hold, since when, and what is to be told of them. Facts and time in, events out; no I/O. */
export class AlertBook {
  readonly #rules: ReadonlyMap<string, AlertRule>
  readonly #held = new Map<string, HeldAlert>()
  readonly #silences = new Map<string, Silence>()

  /** `now`: when the memory is taken up again. What went unseen meanwhile does not count as gone. */
  constructor(
    rules: readonly AlertRule[] = shippedRules,
    memory: AlertMemory = { held: [], silences: [] },
    now = 0,
  ) {
    this.#rules = new Map(rules.map((rule) => [rule.name, rule]))
    for (const held of memory.held) {
      if (!this.#rules.has(held.rule)) continue
      this.#held.set(keyOf(held.rule, held.subject), { ...held, seenAt: Math.max(held.seenAt, now) })
    }
    for (const silence of memory.silences) this.#silences.set(silence.id, silence)
  }

  get memory(): AlertMemory {
    return { held: [...this.#held.values()].map((held) => ({ ...held })), silences: this.silences }
  }

  get silences(): readonly Silence[] {
    return [...this.#silences.values()]
  }

  /** Worst and oldest first. */
  alerts(now: number): Alert[] {
    return [...this.#held.values()].map((held) => this.#alertOf(held, now)).sort(byUrgency)
  }

  /** False when there are too many. */
  silence(silence: Silence): boolean {
    if (!this.#silences.has(silence.id) && this.#silences.size >= SILENCES_MAX) return false
    this.#silences.set(silence.id, silence)
    return true
  }

  /** Ends a silence; false when there is none of that id. */
  unsilence(id: string): boolean {
    return this.#silences.delete(id)
  }

  /** Takes in what is known now; returns what has to be told. Call it with few facts, or none, to let time pass. */
  take(facts: readonly Fact[], now: number): AlertEvent[] {
    for (const [id, { until }] of this.#silences) if (until <= now) this.#silences.delete(id)
    const byKind = Map.groupBy(facts, ({ kind }) => kind)
    for (const rule of this.#rules.values()) {
      for (const fact of byKind.get(rule.kind) ?? []) if (isMeant(rule, fact)) this.#heed(rule, fact)
    }
    return [...this.#held].flatMap(([key, held]) => this.#advance(key, held, now))
  }

  #heed(rule: AlertRule, { subject, value, at }: Fact): void {
    const key = keyOf(rule.name, subject)
    const held = this.#held.get(key)
    if (held !== undefined) held.seenAt = at
    if (value === null) return
    if (value <= rule.above) {
      if (held === undefined) return
      held.clearedAt ??= at
      // One that nobody was told of ends at once; one that fires ends when it has not held for a while.
      held.isOver = held.firedAt === null || at - held.clearedAt >= rule.clearMs
    } else if (held !== undefined) Object.assign(held, { value, heldAt: at, clearedAt: null, isOver: false })
    else if (this.#held.size < ALERTS_MAX) {
      const times = { since: at, heldAt: at, seenAt: at, clearedAt: null, firedAt: null, toldAt: null }
      this.#held.set(key, { rule: rule.name, subject, value, ...times, isOver: false })
    }
  }

  #advance(key: string, held: HeldAlert, now: number): AlertEvent[] {
    const rule = this.#rules.get(held.rule)!
    const isGone = now - held.seenAt >= GONE_MS
    if (isGone || held.isOver) {
      this.#held.delete(key)
      if (held.toldAt === null) return []
      return [{ what: isGone ? 'gone' : 'recovered', alert: this.#alertOf(held, now), at: now }]
    }
    if (held.firedAt === null && now - held.since >= rule.holdMs && held.heldAt - held.since >= rule.holdMs) {
      held.firedAt = now
    }
    if (held.firedAt === null || this.#isSilenced(held, now)) return []
    if (held.toldAt !== null && now - held.toldAt < rule.repeatMs) return []
    const what = held.toldAt === null ? 'firing' : 'again'
    held.toldAt = now
    return [{ what, alert: this.#alertOf(held, now), at: now }]
  }

  #isSilenced({ rule, subject }: HeldAlert, now: number): boolean {
    return isSilenced({ rule, subject }, this.#silences.values(), now)
  }

  #alertOf(held: HeldAlert, now: number): Alert {
    const { rule, subject, value, since, firedAt, toldAt } = held
    const { title, remedy, severity, labels = {} } = this.#rules.get(rule)!
    const state = firedAt === null ? 'pending' : 'firing'
    const told = { since, firedAt, toldAt, isSilenced: this.#isSilenced(held, now) }
    return { rule, title, remedy, severity, labels, subject, state, value, ...told }
  }
}

function isMeant({ match }: AlertRule, { subject }: Fact): boolean {
  return match === undefined || matchesSubject(match, subject)
}

function keyOf(rule: string, subject: Subject): string {
  const names = Object.keys(subject).sort()
  return JSON.stringify([rule, names.map((name) => [name, subject[name]])])
}

function byUrgency(a: Alert, b: Alert): number {
  const rank = ({ state, severity }: Alert) =>
    (state === 'firing' ? 0 : 2) + (severity === 'critical' ? 0 : 1)
  return rank(a) - rank(b) || a.since - b.since
}
