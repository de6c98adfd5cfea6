import { HELD_BEFORE_4, heldSettings } from '../../../link/mirrors/configs.ts'
import type { Settings } from '../facts.ts'
import type { Drift } from '../plan.ts'
import { listed } from '../words.ts'
import type { Compared } from './drift.ts'
import { mirrorsOf } from './loss.ts'

/** What records survive, how long they are kept, and what is taken at all. */
const WEIGHTY = new Set([
  'cleanup.policy',
  'max.message.bytes',
  'message.timestamp.type',
  'min.insync.replicas',
  'retention.bytes',
  'retention.ms',
  'unclean.leader.election.enable',
])

/** Throttles of a moment say nothing of a topic; the difference limit is two others by an old name. */
const PASSING = /^(leader|follower)\.replication\.throttled\.replicas$/

/** Settings that a topic would have after the switch, and had not before; one line for all topics that share it. */
export function driftOfSettings({ facts, from, to }: Compared): Drift[] {
  if (!from.settings.told || !to.settings.told) return []
  const held = Object.keys({ ...heldSettings({}), ...HELD_BEFORE_4 })
  const byDifference = new Map<string, { name: string; was: string; is: string; topics: string[] }>()
  for (const { topic, mirror, withheld } of mirrorsOf(facts)) {
    const here = from.settings.value.topics.get(topic)?.effective
    const there = to.settings.value.topics.get(mirror)?.effective
    if (here === undefined || there === undefined) continue
    const after = promoted(there, { held, withheld, defaults: to.settings.value.defaults })
    for (const [name, was] of Object.entries(here)) {
      const is = after[name]
      if (is === undefined || is === was || PASSING.test(name) || name in HELD_BEFORE_4) continue
      const key = JSON.stringify([name, was, is])
      const known = byDifference.get(key) ?? { name, was, is, topics: [] }
      known.topics.push(topic)
      byDifference.set(key, known)
    }
  }
  return [...byDifference.values()].map(({ name, was, is, topics }) => {
    const what = `${name} is ${text(was)} on ${from.name} and would be ${text(is)} on ${to.name}: ${listed(topics)}`
    const severity = WEIGHTY.has(name) ? 'warning' : 'note'
    return { severity, kind: 'setting', subject: name, what, remedy: null }
  })
}

type Held = { readonly held: readonly string[]; readonly withheld: Settings; readonly defaults: Settings }

/**
 * A mirror's settings once it is a topic of its own: what it held as a mirror is the source's or the default. Where
 * that is not known nothing is said.
 */
function promoted(there: Settings, { held, withheld, defaults }: Held): Settings {
  const rest = Object.entries(there).filter(([name]) => !held.includes(name))
  const own = held.flatMap((name) => {
    const value = withheld[name] ?? defaults[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  return Object.fromEntries([...rest, ...own])
}

function text(value: string): string {
  return value === '' ? 'empty' : value
}
