import type { Age, LookLag, Verdict } from '../api/looks.ts'
import { Badge, Unknown, When } from '../parts/basics.tsx'
import { duration } from '../parts/format.ts'
import type { Tone } from '../parts/tone.ts'

/** How old a look is, and why there is nothing newer. */
export function LookAge({ age: { at, trouble } }: { readonly age: Age }) {
  return (
    <span className="soft small" title={trouble?.message}>
      {at === null ? 'not seen yet' : <When at={at} />}
      {trouble !== null && `, since then: ${trouble.message}`}
    </span>
  )
}

const verdicts: Readonly<Record<Verdict, { readonly tone: Tone; readonly says: string }>> = {
  NOTFOUND: { tone: 'idle', says: 'too little was seen for a verdict' },
  OK: { tone: 'good', says: 'it keeps up, or has caught up lately' },
  WARN: { tone: 'warn', says: 'it reads, and falls further behind' },
  ERR: { tone: 'bad', says: 'a partition of it stands or goes back' },
  STOP: { tone: 'bad', says: 'it has stopped to commit' },
  STALL: { tone: 'bad', says: 'it commits without moving' },
  REWIND: { tone: 'bad', says: 'it went back and has not caught up' },
}

/** Burrow's verdict, and what it means. */
export function VerdictBadge({ verdict }: { readonly verdict: Verdict }) {
  const { tone, says } = verdicts[verdict]
  return (
    <span title={says}>
      <Badge state={verdict === 'NOTFOUND' ? 'not known' : verdict.toLowerCase()} tone={tone} />
    </span>
  )
}

/** Seconds behind; where only the least is known, that. */
export function SecondsBehind({ lag: { seconds, secondsAtLeast } }: { readonly lag: LookLag }) {
  if (seconds !== null) return duration(seconds)
  if (secondsAtLeast !== null) return `≥ ${duration(secondsAtLeast)}`
  return <Unknown why="its end was not watched long enough to tell when that record came" />
}
