import { once } from 'node:events'
import { readdir, readFile, readlink } from 'node:fs/promises'
import { createServer } from 'node:net'
import { engineError } from './errors.ts'
import { findOnPath } from './install-hint.ts'
import { runCommand } from './processes/run-command.ts'

const LOOPBACK = '127.0.0.1'
const PORT_MAX = 65_535
const LSOF_TIMEOUT_MS = 5_000

/** Ports that clusters of this process have chosen but may not have opened yet. */
const promised = new Set<number>()

/** True when a listener can be opened on the port, as a broker would. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ host: LOOPBACK, port, exclusive: true }, () => server.close(() => resolve(true)))
  })
}

/**
 * Chooses `count` free ports from `basePort` on, leaving out those that are in use or were chosen by another
 * cluster of this process. PORT_TAKEN when the numbers end before enough are found.
 */
export async function choosePorts(basePort: number, count: number): Promise<number[]> {
  const chosen: number[] = []
  for (let port = basePort; chosen.length < count; port++) {
    if (port > PORT_MAX) {
      throw engineError('PORT_TAKEN', `Only ${chosen.length} of ${count} ports are free from ${basePort} on`)
    }
    if (promised.has(port)) continue
    promised.add(port)
    if (await isPortFree(port)) chosen.push(port)
    else promised.delete(port)
  }
  return chosen
}

/**
 * Ports that the system gave and took back a moment ago: good for a short use that nobody has to remember.
 */
export async function ephemeralPorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer())
  const ports = await Promise.all(
    servers.map(async (server) => {
      await once(server.listen({ host: LOOPBACK, port: 0 }), 'listening')
      const address = server.address()
      return typeof address === 'object' && address !== null ? address.port : 0
    }),
  )
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return ports
}

/**
 * Keeps other clusters of this process from choosing ports that a cluster remembers, though it may be down.
 */
export function keepPorts(ports: readonly number[]): void {
  for (const port of ports) promised.add(port)
}

/** Lets other clusters have ports again, when the cluster that chose them was destroyed. */
export function releasePorts(ports: readonly number[]): void {
  for (const port of ports) promised.delete(port)
}

/**
 * Throws PORT_TAKEN, naming the process that holds the port where it can be found, when the port cannot be
 * opened.
 */
export async function requirePortFree(port: number, usedFor: string): Promise<void> {
  if (await isPortFree(port)) return
  const holder = await portHolder(port)
  const by =
    holder === undefined
      ? ''
      : ` by process ${holder.pid}${holder.command === '' ? '' : ` (${holder.command})`}`
  throw engineError('PORT_TAKEN', `Port ${port}, needed by ${usedFor}, is taken${by}`, {
    context: { port, usedFor, holder },
  })
}

export type PortHolder = { readonly pid: number; readonly command: string }

/** The process that listens on a port, as far as this user may see it. */
export async function portHolder(port: number): Promise<PortHolder | undefined> {
  return process.platform === 'linux' ? holderFromProc(port) : holderFromLsof(port)
}

/** proc(5): /proc/net/tcp names the socket's inode, /proc/PID/fd who has it open. */
async function holderFromProc(port: number): Promise<PortHolder | undefined> {
  const inodes = new Set<string>()
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const inode of listeningInodes(await textOf(table), port)) inodes.add(`socket:[${inode}]`)
  }
  if (inodes.size === 0) return undefined
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const fds = await readdir(`/proc/${pid}/fd`).catch(() => [])
    for (const fd of fds) {
      const target = await readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')
      if (inodes.has(target)) return { pid: Number(pid), command: (await textOf(`/proc/${pid}/comm`)).trim() }
    }
  }
  return undefined
}

/** The inodes of listening sockets (state 0A) on `port` in the text of /proc/net/tcp. */
export function listeningInodes(table: string, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const inodes: string[] = []
  for (const line of table.split('\n').slice(1)) {
    const fields = line.trim().split(/\s+/)
    if (fields[1]?.endsWith(suffix) && fields[3] === '0A' && fields[9] !== undefined) inodes.push(fields[9])
  }
  return inodes
}

async function holderFromLsof(port: number): Promise<PortHolder | undefined> {
  const lsof = findOnPath('lsof')
  if (lsof === undefined) return undefined
  const command = { file: lsof, args: ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc'] }
  const result = await runCommand(command, { timeoutMs: LSOF_TIMEOUT_MS }).catch(() => undefined)
  const pid = /^p(\d+)$/m.exec(result?.stdout ?? '')?.[1]
  const name = /^c(.*)$/m.exec(result?.stdout ?? '')?.[1]
  return pid === undefined ? undefined : { pid: Number(pid), command: name ?? '' }
}

async function textOf(path: string): Promise<string> {
  // Processes end and kernels lack IPv6 while we look.
  return readFile(path, 'utf8').catch(() => '')
}
