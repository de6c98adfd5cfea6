import assert from 'node:assert/strict'
import { join } from 'node:path'
import { inspect } from 'node:util'
import type { Log } from '../../src/base/log.ts'
import { Link } from '../../src/link/link.ts'
import type { LinkSpec } from '../../src/link/spec.ts'
import type { Fault, LinkStatus, MirrorStatus } from '../../src/link/status.ts'
import type { LinkWorker } from '../../src/link/worker/pack.ts'
import { spawnLinkWorker } from '../../src/link/worker/packs.ts'
import type { TestCluster } from './clusters.ts'
import type { JavaClient, LoadCounts, Ranges } from './java/client.ts'
import { assertSameRecords, type SeenRecord, textOf } from './records.ts'
import { temporaryDirectory } from './temporary.ts'
import { PATIENCE_MS, waitUntil } from './wait.ts'

const LOG_LINES_MAX = 400

/** A link between two clusters of the test; it takes every topic and group unless `more` says otherwise. */
export function linkSpec(
  name: string,
  source: TestCluster,
  destination: TestCluster,
  more: Partial<LinkSpec> = {},
): LinkSpec {
  const everything = { topics: ['*'], groups: ['*'], prefix: '', start: { at: 'earliest' } } as const
  return { name, source: source.config, destination: destination.config, ...everything, ...more }
}

/** A link inside the test's own process, with its log at hand. */
export class TestLink {
  readonly #link: Link
  readonly #lines: string[]

  private constructor(link: Link, lines: string[]) {
    this.#link = link
    this.#lines = lines
  }

  static async start(spec: LinkSpec): Promise<TestLink> {
    const lines: string[] = []
    return new TestLink(await Link.start(spec, { log: memoryLog(lines) }), lines)
  }

  get ended() {
    return this.#link.ended
  }
  get log(): readonly string[] {
    return this.#lines
  }
  status(): LinkStatus {
    return this.#link.status()
  }
  mirror(topic: string): MirrorStatus | undefined {
    return this.status().mirrors.find((mirror) => mirror.topic === topic)
  }
  stop(): Promise<void> {
    return this.#link.stop()
  }

  /** Waits for a fault on a topic, or on the link as a whole when none is named. */
  awaitFault(code: string, topic?: string): Promise<Fault> {
    const look = () => {
      const fault = topic === undefined ? this.status().fault : faultOf(this.mirror(topic))
      return fault?.code === code ? fault : null
    }
    const lastSeen = () => ({ status: this.status(), log: this.#lines.slice(-10) })
    return waitUntil(`fault ${code} on ${topic ?? 'the link'}`, look, { withinMs: PATIENCE_MS, lastSeen })
  }
}

/** The fault of a mirror or else of its first partition that has one. */
function faultOf(mirror: MirrorStatus | undefined): Fault | null {
  return mirror?.fault ?? mirror?.partitions.find(({ fault }) => fault !== null)?.fault ?? null
}

/** A link in a process of its own, as kmc runs it. */
export function startWorker(
  spec: LinkSpec,
  instance = 'worker',
): { readonly worker: LinkWorker; readonly logFile: string } {
  const logFile = join(temporaryDirectory('worker'), `${spec.name}.log`)
  return { worker: spawnLinkWorker(spec, { logFile, instance }), logFile }
}

/** One topic on both sides. */
export type Sides = {
  readonly source: TestCluster
  readonly destination: TestCluster
  readonly topic: string
  /** Default: the topic's own name. */
  readonly mirror?: string
}

/**
 * Waits until the mirror ends, partition by partition, where the source's committed records end, as a foreign client
 * sees both. Gives the ranges of the source.
 */
export async function awaitInStep(java: JavaClient, sides: Sides, withinMs = PATIENCE_MS): Promise<Ranges> {
  const { source, destination, topic, mirror = topic } = sides
  let seen: unknown
  const look = async () => {
    const there = await java.ranges(source.access, topic)
    const here = await java.ranges(destination.access, mirror, 'read_uncommitted')
    seen = { source: there, mirror: here }
    const ends = (ranges: Ranges) => Object.values(ranges).map(([, end]) => end)
    const late = ends(there).some((end, partition) => ends(here)[partition] !== end)
    return ends(there).length === ends(here).length && !late ? there : null
  }
  const what = `mirror ${mirror} on ${destination.name} in step with ${topic} on ${source.name}`
  return await waitUntil(what, look, { withinMs, lastSeen: () => inspect(seen) })
}

/** Like `readSame`; gives the number of records. */
export async function assertSameOnBothSides(
  java: JavaClient,
  sides: Sides,
  options: { readonly timestampTypes?: boolean } = {},
): Promise<number> {
  return (await readSame(java, sides, options)).length
}

/**
 * Fails unless foreign readers get the same records at the same offsets on both sides, at both isolation levels of the
 * mirror, and the logs begin and end alike. Gives the records.
 */
async function readSame(
  java: JavaClient,
  sides: Sides,
  options: { readonly timestampTypes?: boolean } = {},
): Promise<readonly SeenRecord[]> {
  const { source, destination, topic, mirror = topic } = sides
  const what = `${topic} on ${source.name} and ${mirror} on ${destination.name}`
  const there = await java.read(source.access, topic)
  const here = await java.read(destination.access, mirror)
  assertSameRecords(what, there, here, options)
  const raw = await java.read(destination.access, mirror, 'read_uncommitted')
  assertSameRecords(`${what} (read_uncommitted)`, there, raw, options)
  assert.deepEqual(
    await java.ranges(destination.access, mirror),
    await java.ranges(source.access, topic),
    what,
  )
  return here
}

/**
 * Fails unless everything that a load had acknowledged is on both sides once, at its own offset, and nothing else is.
 * The load must have aborted transactions as well as committed ones.
 */
export async function assertLoadArrived(java: JavaClient, sides: Sides, counts: LoadCounts): Promise<void> {
  const { plain, committed, aborted, errors } = counts
  assert.deepEqual(errors, [])
  assert.ok(aborted > 0 && committed > aborted, `${committed} committed, ${aborted} aborted`)
  await awaitInStep(java, sides)
  const records = await readSame(java, sides)
  assert.equal(records.length, plain + committed)
  const ids = new Set(records.map(({ value }) => textOf(value)!.split(':').slice(0, 3).join(':')))
  assert.equal(ids.size, records.length, 'every id once')
  assert.ok(![...ids].some((id) => id.includes(':aborted:')))
}

function memoryLog(lines: string[]): Log {
  const write = (level: string) => (fields: object, message: string) => {
    lines.push(`${level} ${message} ${JSON.stringify(fields)}`)
    if (lines.length > LOG_LINES_MAX) lines.shift()
  }
  return { debug() {}, info: write('info'), warn: write('warn'), error: write('error') }
}
