import type { FleetStatus } from '../../fleet/run/fleet-status.ts'
import type { Operation } from '../operations/operation.ts'

const changeKinds = ['cluster', 'link', 'route', 'operation'] as const

export type ChangeKind = (typeof changeKinds)[number]

/** Names of what has changed, by kind. */
export type Changed = Readonly<Record<ChangeKind, readonly string[]>>

/** What is seen of everything with a name, as text, so that two looks can be compared. */
export type Seen = Readonly<Record<ChangeKind, ReadonlyMap<string, string>>>

export const nothingSeen: Seen = {
  ...{ cluster: new Map(), link: new Map(), route: new Map(), operation: new Map() },
}

export function seenOf({ clusters, links, routes }: FleetStatus, operations: readonly Operation[]): Seen {
  return {
    cluster: new Map(clusters.map((one) => [one.name, textOf(one)])),
    link: new Map(links.map((one) => [one.name, textOf(one)])),
    route: new Map(routes.map((one) => [one.name, textOf(one)])),
    operation: new Map(operations.map((one) => [one.id, textOf(one)])),
  }
}

/** Moments of looking change all the time, and tell nothing. */
const moments: ReadonlySet<string> = new Set(['at', 'seenAt', 'lastSeenAt', 'beat'])

function textOf(value: object): string {
  return JSON.stringify(value, (key, inner: unknown) => (moments.has(key) ? undefined : inner))
}

/** null where nothing has changed. */
export function changedBetween(before: Seen, now: Seen): Changed | null {
  const changed = Object.fromEntries(
    changeKinds.map((kind) => [kind, differing(before[kind], now[kind])]),
  ) as unknown as Changed
  return changeKinds.every((kind) => changed[kind].length === 0) ? null : changed
}

function differing(before: ReadonlyMap<string, string>, now: ReadonlyMap<string, string>): string[] {
  const gone = [...before.keys()].filter((name) => !now.has(name))
  return [...gone, ...[...now].flatMap(([name, text]) => (before.get(name) === text ? [] : [name]))]
}

/** Several changes as one. */
export function together(all: readonly Changed[]): Changed {
  const names = (kind: ChangeKind) => [...new Set(all.flatMap((one) => one[kind]))]
  return {
    cluster: names('cluster'),
    link: names('link'),
    route: names('route'),
    operation: names('operation'),
  }
}
