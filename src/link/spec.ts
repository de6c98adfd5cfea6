import type { Secret } from '../base/secret.ts'
import type { ClusterConfig } from '../client/config.ts'
import type { LinkLimit } from './budget/limit.ts'
import type { Priorities } from './budget/priority.ts'
import type { Travel } from './travel/options.ts'

/** Where a mirror that does not exist yet begins. `offsets` maps `topic` to `[offset of partition 0, 1, …]`. */
export type StartPoint =
  | { readonly at: 'earliest' }
  | { readonly at: 'latest' }
  | { readonly at: 'time'; readonly timestampMs: number }
  | { readonly at: 'offsets'; readonly offsets: Readonly<Record<string, readonly number[]>> }

/** Names to take: globs (`*`, `?`), a leading `!` excludes. Internal names (`__…`) need to be named in full. */
export type NamePatterns = readonly string[]

/** One exact link, with everything its worker needs. Secrets inside: handed over by IPC, never by argv or file. */
export type LinkSpec = {
  readonly name: string
  readonly source: ClusterConfig
  readonly destination: ClusterConfig
  readonly topics: NamePatterns
  readonly groups: NamePatterns
  /** Put before the source's topic name; '' keeps the name. */
  readonly prefix: string
  readonly start: StartPoint
  /** Settings, ACLs, quotas, users, deletions; left out: what `defaultTravel` says. */
  readonly travel?: Travel
  /** Passwords of users that the link makes at the destination, by name. */
  readonly passwords?: Readonly<Record<string, Secret>>
  /** Bytes a second that may be taken from the source; left out: no limit. */
  readonly limit?: LinkLimit | undefined
  /** Which topics go first where not all can have what they want; left out: all alike. */
  readonly priority?: Priorities | undefined
  /** Workers in each process that runs the link: threads with connections of their own. Default 1. */
  readonly workers?: number
  /** From here on the destination's brokers shall hand out producer ids; 0 or left out: as they do. */
  readonly producerIdsFrom?: number
}
