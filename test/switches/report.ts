import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Written } from '../harness/moving/judge.ts'
import type { Seen } from '../harness/moving/mover.ts'
import type { Side } from '../harness/moving/world.ts'
import { root } from '../run/suites.ts'

/** One move, and what each client had seen once it went on. */
export type Move = {
  readonly to: Side
  /** Whether the destination's leader epochs were higher than those of the cluster that was left. */
  readonly isHigher: boolean
  readonly seen: ReadonlyMap<string, Seen>
}

/** All moves between two clusters. */
export type Pair = {
  readonly name: string
  readonly moves: readonly Move[]
  /** At the end. */
  readonly seen: ReadonlyMap<string, Seen>
  readonly written: Written
  /** By group, moves in which a member did not give way in time. */
  readonly late: ReadonlyMap<string, number>
}

/** What came of a pair, for people: a line about all, and one a client. */
export function tableOf({ name, moves, seen, written, late }: Pair): string[] {
  const higher = moves.filter(({ isHigher }) => isHigher).length
  const all = `${written.acknowledged} records acknowledged and ${written.results} results of Streams`
  const once = written.twice.size === 0 ? 'each there once' : 'each there'
  const rows = [...seen].map(([client, { again, errors, records }]) => {
    const pauses = moves.flatMap((move) => move.seen.get(client)?.longestMs ?? []).sort((a, b) => a - b)
    const more = written.twice.get(client) ?? 0
    const twice = more === 0 ? '' : `, ${more} of them there twice`
    const spread = `${pauses[Math.floor(pauses.length / 2)] ?? '-'} / ${pauses.at(-1) ?? '-'} ms`
    const slow = late.has(client) ? `, did not give way in ${late.get(client)} moves` : ''
    const counts = `${records} records${twice}, ${again} again, ${errors.length} errors${slow}`
    return `  ${client.padEnd(26)} ${spread.padEnd(18)} ${counts}`
  })
  return [
    `${name}: ${moves.length} moves, ${higher} of them to higher leader epochs; ${all}, ${once}`,
    '  client                     longest pause: median / most of the moves',
    ...rows,
  ]
}

/** Writes all of it beside the results of the tests; gives its path from the root. */
export function keepSwitches(pairs: readonly Pair[]): string {
  const path = join('.kmc', 'test', 'switches.json')
  const text = JSON.stringify(
    pairs,
    (_key, value) => (value instanceof Map ? Object.fromEntries(value) : value),
    2,
  )
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), `${text}\n`)
  return path
}
