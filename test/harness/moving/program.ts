import { mover } from './kafkajs.ts'
import { LineProgram } from './lines.ts'
import { type Mover, type Place, Tally } from './mover.ts'

/** How to start a program of clients, or why it cannot be had here. */
export type Program = { readonly command: readonly string[] } | { readonly why: string }

const ENDS_WITHIN_MS = 90_000

/**
 * Clients by name, all in one process, which ends with the last of them. It gets a `Place` with `clients` as JSON for
 * its last argument, and prints lines of JSON: [name, "a", id] acknowledged, [name, "f", id] refused or aborted,
 * [name, "u", id] nobody knows, [name, "r", partition, offset] read, [name, "e", text] an error that the application
 * saw.
 */
export function programMovers(command: readonly string[], place: Place, clients: ProgramClients): Mover[] {
  const tallies = new Map(Object.keys(clients).map((name) => [name, new Tally()]))
  const kinds = Object.fromEntries(Object.entries(clients).map(([name, { is }]) => [name, is]))
  const spec = JSON.stringify({ ...place, clients: kinds })
  const [file = '', ...words] = command
  const program = new LineProgram(file, [...words, spec], (line) => {
    const [name, what, ...rest] = JSON.parse(line) as [string, string, ...(number | string)[]]
    note(tallies.get(name)!, what, rest)
  })
  const end = async () => {
    const code = await program.end(null, ENDS_WITHIN_MS)
    if (code !== 0) for (const tally of tallies.values()) tally.error(`ended with ${code}: ${program.stderr}`)
  }
  let ending: Promise<void> | null = null
  const endOnce = () => {
    ending ??= end()
    return ending
  }
  return Object.entries(clients).map(([name, { role }]) => mover(name, role, tallies.get(name)!, endOnce))
}

/** Of a library: what a client is and does, by name. */
export type ProgramClients = Readonly<Record<string, { readonly is: string; readonly role: Mover['role'] }>>

/** One client of each kind that the programs in other languages know. */
export function oneOfEach(library: string): ProgramClients {
  return {
    [`${library}-plain`]: { is: 'plain', role: 'writer' },
    [`${library}-idempotent`]: { is: 'idempotent', role: 'writer' },
    [`${library}-transactional`]: { is: 'transactional', role: 'writer' },
    [`${library}-classic`]: { is: 'classic', role: 'reader' },
    [`${library}-848`]: { is: 'consumer', role: 'reader' },
  }
}

function note(tally: Tally, what: string, rest: readonly (number | string)[]): void {
  if (what === 'a') tally.acknowledged(Number(rest[0]))
  else if (what === 'f') tally.refused(Number(rest[0]))
  else if (what === 'u') tally.unknown(Number(rest[0]))
  else if (what === 'r') tally.read(Number(rest[0]), Number(rest[1]))
  else if (what === 'e') tally.error(String(rest[0]))
}
