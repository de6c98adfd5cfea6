import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { connect as connectTls } from 'node:tls'
import type { ManagedClusterOptions } from '../../src/engine/kafka/cluster.ts'
import { ManagedCluster } from '../../src/engine/kafka/cluster.ts'
import type { ClientAccess } from '../../src/engine/kafka/security.ts'
import type { ManagedClusterSpec } from '../../src/engine/kafka/spec.ts'
import type { EngineLog } from '../../src/engine/report.ts'

const API_VERSIONS_FRAME = Buffer.from('0000000a' + '0012' + '0000' + '0000002a' + 'ffff', 'hex')
const CORRELATION_ID = 0x2a

/** Sends ApiVersions v0, the first request of every client, and checks that its answer comes. */
export function answersApiVersions([address]: readonly string[], access: ClientAccess): Promise<boolean> {
  const [host = '', port] = (address ?? '').split(':')
  return new Promise((resolve) => {
    const socket =
      access.tls === undefined
        ? connect({ host, port: Number(port) })
        : connectTls({ host, port: Number(port), ca: access.tls.ca })
    socket.once('connect', () => socket.write(API_VERSIONS_FRAME))
    socket.once('data', (bytes: Buffer) => {
      socket.destroy()
      resolve(bytes.length >= 8 && bytes.readInt32BE(4) === CORRELATION_ID)
    })
    socket.once('error', () => resolve(false))
    socket.once('close', () => resolve(false))
  })
}

export type LogLine = { readonly level: keyof EngineLog; readonly message: string; readonly fields: object }

/** A log that remembers what was said. */
export function rememberingLog(): EngineLog & { readonly lines: LogLine[] } {
  const lines: LogLine[] = []
  const at = (level: keyof EngineLog) => (fields: object, message: string) =>
    void lines.push({ level, fields, message })
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

const cleanups = new WeakMap<TestContext, (() => unknown)[]>()

/**
 * Runs when the test is over, what was added last first: node:test itself would remove a folder before its
 * user.
 */
export function atEnd(t: TestContext, cleanup: () => unknown): void {
  const known = cleanups.get(t)
  if (known !== undefined) return void known.unshift(cleanup)
  const list = [cleanup]
  cleanups.set(t, list)
  t.after(async () => {
    for (const one of list) await one()
  })
}

/** A folder that is gone when the test is over. */
export async function scratchDirectory(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'kmc-engine-'))
  atEnd(t, () => rm(directory, { recursive: true, force: true }))
  return directory
}

/** A cluster that is stopped when the test is over, however the test ends. */
export async function makeCluster(
  t: TestContext,
  spec: Partial<ManagedClusterSpec> & Pick<ManagedClusterSpec, 'basePort'>,
  options: Partial<ManagedClusterOptions> = {},
): Promise<ManagedCluster> {
  const directory = spec.directory ?? (await scratchDirectory(t))
  const whole = { name: 'test', kafka: { version: '4.3.1' }, brokers: 1, security: false, ...spec, directory }
  const cluster = new ManagedCluster(whole, { probe: answersApiVersions, log: rememberingLog(), ...options })
  atEnd(t, () => cluster.stop())
  return cluster
}

/** Resolves when the cluster is in a state that `wanted` accepts. */
export async function stateReached(
  cluster: ManagedCluster,
  wanted: (cluster: ManagedCluster) => boolean,
): Promise<void> {
  while (!wanted(cluster)) await new Promise<void>((resolve) => cluster.once('change', () => resolve()))
}
