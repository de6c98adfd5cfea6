import { PORT_MAX } from './word-schemas.ts'

/** Where managed clusters begin when the file names no port. */
export const MANAGED_PORTS_FROM = 19_092
/** As the engine does it: a port for the clients of each broker, then one for each of the first three as controller. */
const CONTROLLERS_MAX = 3
/** Defaults come in blocks, so that a cluster can grow to seven brokers without moving the others. */
const BLOCK = 10

export type PortClaim = { readonly name: string; readonly brokers: number; readonly port: number | null }
export type PortRange = { readonly first: number; readonly last: number }

function portCount(brokers: number): number {
  return brokers + Math.min(brokers, CONTROLLERS_MAX)
}

export function portsOf(first: number, brokers: number): PortRange {
  return { first, last: first + portCount(brokers) - 1 }
}

export function rangesOverlap(a: PortRange, b: PortRange): boolean {
  return a.first <= b.last && b.first <= a.last
}

/**
 * The first port of every cluster: what the file says; else what the cluster had before (`remembered`), so that adding
 * a cluster moves no other; else the first free block. Null for a cluster that finds no room.
 */
export function assignPorts(
  claims: readonly PortClaim[],
  remembered: Readonly<Record<string, number>>,
): Map<string, number | null> {
  const taken: PortRange[] = []
  const ports = new Map<string, number | null>()
  for (const claim of claims) {
    if (claim.port === null) continue
    taken.push(portsOf(claim.port, claim.brokers))
    ports.set(claim.name, claim.port)
  }
  const open = claims.filter((claim) => claim.port === null)
  for (const { name, brokers } of open) {
    const before = Object.hasOwn(remembered, name) ? remembered[name]! : null
    if (before === null || !isFree(portsOf(before, brokers), taken)) continue
    taken.push(blockOf(before, brokers))
    ports.set(name, before)
  }
  for (const { name, brokers } of open) {
    if (ports.has(name)) continue
    const port = firstFree(brokers, taken)
    if (port !== null) taken.push(blockOf(port, brokers))
    ports.set(name, port)
  }
  return ports
}

function blockOf(port: number, brokers: number): PortRange {
  const room = Math.ceil(portCount(brokers) / BLOCK) * BLOCK
  return { first: port, last: port + room - 1 }
}

function firstFree(brokers: number, taken: readonly PortRange[]): number | null {
  for (let port = MANAGED_PORTS_FROM; blockOf(port, brokers).last <= PORT_MAX; port += BLOCK) {
    if (isFree(blockOf(port, brokers), taken)) return port
  }
  return null
}

function isFree(range: PortRange, taken: readonly PortRange[]): boolean {
  return range.last <= PORT_MAX && taken.every((other) => !rangesOverlap(range, other))
}
