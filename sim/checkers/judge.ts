import { readRecords } from '../../src/wire/batch/records.ts'
import type { Stored } from '../model/log.ts'
import type { Fact, Truth } from '../model/truth.ts'
import type { Damage, Pair } from '../world/mirrors.ts'

/**
 * What one offset of a mirror is, held against the source: `same` record, `filler` before the mirror's start, a `gap`
 * where the source has none, of a `former` version that the source has lost since; or wrong: `changed`, `moved` from
 * another offset, `undecided`, `aborted`, `unknown`, or a `jump` over a record that readers of the source (once) saw.
 */
export type Judgement =
  | 'same'
  | 'filler'
  | 'gap'
  | 'former'
  | 'changed'
  | 'moved'
  | 'undecided'
  | 'aborted'
  | 'unknown'
  | 'jump'

export type Judged = { readonly offset: number; readonly judgement: Judgement }

const SOUND: ReadonlySet<Judgement> = new Set<Judgement>(['same', 'filler', 'gap', 'former'])

export function isSound({ judgement }: Judged): boolean {
  return SOUND.has(judgement)
}

export function judge(pair: Pair, stored: Stored): Judged[] {
  const { truth } = pair.source
  if (stored.control) return [{ offset: stored.base, judgement: judgeMarker(truth, stored.base) }]
  const judged: Judged[] = []
  // What an attempt before noted as its start may have been deleted since.
  const start = stored.base === 0 ? Math.max(pair.start, pair.source.log.start) : pair.start
  for (const { offset, timestamp, key, value, body } of readRecords(stored.bytes)) {
    const isFiller = offset < start && key === null && value === null
    const judgement = isFiller ? 'filler' : judgeRecord(truth, { offset, timestamp, body })
    judged.push({ offset, judgement })
  }
  return judged
}

/** What spoils the mirror. A tail that the source lost does so only where what is there now differs. */
export function damageOf(pair: Pair): Damage | null {
  const { damage, mirror, source } = pair
  if (damage === null) return null
  if (damage.why !== 'tail lost at the source') {
    // Gone from the mirror as well, by seeding or deletion, and nothing stands where it should not because of it.
    const rest = mirror.log.entries.filter(({ next }) => next > mirror.log.start)
    const isGone =
      damage.offset < mirror.log.start && rest.every((stored) => judge(pair, stored).every(isSound))
    if (isGone) pair.damage = null
    return pair.damage
  }
  // What retention has taken since can be held against nothing.
  const from = Math.max(damage.offset, source.log.start)
  const tail = mirror.log.entries.filter(({ next }) => next > from)
  const differs = tail.some((stored) =>
    judge(pair, stored).some(({ offset, judgement }) => {
      return judgement !== 'same' && judgement !== 'gap' && offset >= from
    }),
  )
  if (!differs && source.log.stable >= mirror.log.end) pair.damage = null
  return pair.damage
}

type Seen = { readonly offset: number; readonly timestamp: number; readonly body: Buffer }

function judgeRecord(truth: Truth, seen: Seen): Judgement {
  const fact = truth.facts[seen.offset]
  if (fact !== undefined && isIt(fact, seen)) return judgeState(fact)
  if (truth.lost.get(seen.offset)?.some((former) => isIt(former, seen))) return 'former'
  const elsewhere = truth.facts.some((other) => other.body.equals(seen.body))
  if (elsewhere && !fact?.body.equals(seen.body)) return 'moved'
  return fact?.state === 'visible' ? 'changed' : 'unknown'
}

function isIt(fact: Fact, { body, timestamp }: Seen): boolean {
  return fact.timestamp === timestamp && fact.body.equals(body)
}

function judgeState({ state }: Fact): Judgement {
  if (state === 'open') return 'undecided'
  return state === 'hidden' ? 'aborted' : 'same'
}

/** Compaction may have taken the record after it was read, but nothing that was hidden ever becomes visible. */
function judgeMarker(truth: Truth, offset: number): Judgement {
  const fact = truth.facts[offset]
  if (fact?.state === 'hidden' || fact?.state === 'cleaned') return 'gap'
  const former = truth.lost.get(offset)
  if (former?.some(({ state }) => state === 'hidden' || state === 'cleaned')) return 'former'
  return fact === undefined ? 'unknown' : 'jump'
}
