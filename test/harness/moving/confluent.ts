import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cacheDirectory } from '../../../src/engine/cache-directory.ts'
import { runCommand } from '../../../src/engine/processes/run-command.ts'
import { isOnPath } from '../../kit/need.ts'
import { mover } from './kafkajs.ts'
import { LineProgram } from './lines.ts'
import { type Mover, type Place, Tally } from './mover.ts'

const SCRIPT = fileURLToPath(new URL('./confluent.py', import.meta.url))
const VERSION = '2.16.1'
const INSTALL_MS = 120_000

export const confluentRoles = ['plain', 'idempotent', 'transactional', 'classic', 'consumer'] as const
export type ConfluentRole = (typeof confluentRoles)[number]

/** Where confluent-kafka (librdkafka with it) is; installed for tests alone. The reason where it cannot be had. */
export async function findConfluent(): Promise<{ readonly folder: string } | { readonly why: string }> {
  const folder = join(cacheDirectory(), 'test-python', `confluent-kafka-${VERSION}`)
  if (existsSync(folder)) return { folder }
  if (!isOnPath('python3')) return { why: 'no python3' }
  const work = `${folder}.${process.pid}`
  await mkdir(work, { recursive: true })
  const wheel = ['--quiet', '--only-binary', ':all:', '--no-deps', '--target', work]
  const args = ['-m', 'pip', 'install', ...wheel, `confluent-kafka==${VERSION}`]
  const { code, stderr } = await runCommand(
    { file: 'python3', args, env: environment({}) },
    { timeoutMs: INSTALL_MS },
  )
  if (code !== 0) {
    await rm(work, { recursive: true, force: true })
    return { why: `pip cannot install confluent-kafka: ${stderr.trim().split('\n').at(-1)}` }
  }
  // Another process may have been faster.
  await rename(work, folder).catch(() => rm(work, { recursive: true, force: true }))
  return { folder }
}

/** Clients of librdkafka, by name; one process has them all, and ends with the last of them. */
export function confluentMovers(
  folder: string,
  { bootstrap, topic, partitions }: Place,
  clients: Readonly<Record<string, ConfluentRole>>,
): Mover[] {
  const tallies = new Map(Object.keys(clients).map((name) => [name, new Tally()]))
  const spec = JSON.stringify({ bootstrap, topic, partitions, clients })
  const command = ['env', `PYTHONPATH=${folder}`, 'python3', '-u', SCRIPT, spec] as const
  const program = new LineProgram(command[0], command.slice(1), (line) => {
    const [name, what, ...rest] = JSON.parse(line) as [string, string, ...(number | string)[]]
    note(tallies.get(name)!, what, rest)
  })
  const end = async () => {
    const code = await program.end(null, 60_000)
    if (code !== 0) for (const tally of tallies.values()) tally.error(`ended with ${code}: ${program.stderr}`)
  }
  let ending: Promise<void> | null = null
  const endOnce = () => {
    ending ??= end()
    return ending
  }
  return Object.entries(clients).map(([name, role]) => {
    const kind = role === 'classic' || role === 'consumer' ? 'reader' : 'writer'
    return mover(name, kind, tallies.get(name)!, endOnce)
  })
}

function note(tally: Tally, what: string, rest: readonly (number | string)[]): void {
  if (what === 'a') tally.acknowledged(Number(rest[0]))
  else if (what === 'f') tally.refused(Number(rest[0]))
  else if (what === 'r') tally.read(Number(rest[0]), Number(rest[1]))
  else if (what === 'e') tally.error(String(rest[0]))
}

function environment(more: Readonly<Record<string, string>>): Record<string, string> {
  const own = Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  )
  return { ...Object.fromEntries(own), ...more }
}
