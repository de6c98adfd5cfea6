import type { Secret } from '../base/secret.ts'
import type { ClusterConfig } from '../client/config.ts'
import type { Limits } from './limits.ts'

/** In the order of a planned switch; each does what the one before does, and more. */
export const phases = ['open', 'yielding', 'handing-over', 'fenced', 'frozen', 'parked'] as const

/**
 * - `open`: everything passes.
 * - `yielding`: members of groups commit, give up their partitions and wait to join again.
 * - `handing-over`: a transaction that ends gives its producer the identity that it will have on the target.
 * - `fenced`: records wait, except those of transactions that are open; so do changes by admin clients.
 * - `frozen`: requests of groups and transactions wait too, so positions can be copied.
 * - `parked`: everything waits.
 */
export type Phase = (typeof phases)[number]

export type RouteCluster = { readonly name: string; readonly config: ClusterConfig }

export type SaslMechanism = 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'

export type RouteUser = {
  readonly name: string
  readonly password: Secret
  /** Who this user is at the clusters, by name of the cluster; those left out are entered as the route itself. */
  readonly upstream?: Readonly<Record<string, ClusterConfig['sasl']>>
}

export type RouteSasl =
  /** The clusters decide; the gateway only carries the messages. */
  | { readonly mode: 'passed-through' }
  /** The gateway decides, by users of its own; behind it the credentials of the clusters' configurations are used. */
  | {
      readonly mode: 'ended-here'
      readonly mechanisms: readonly SaslMechanism[]
      readonly users: readonly RouteUser[]
    }

export type RouteTls = {
  /** PEM. */
  readonly certificate: string
  readonly key: Secret
  readonly keyPassword?: Secret
  /** Authorities whose client certificates are accepted; with it a client must have one (mutual TLS). */
  readonly clientCa?: string
}

export type RouteSpec = {
  readonly name: string
  /** Slot i listens at `port` + i; the first one is the bootstrap address. */
  readonly listen: { readonly host: string; readonly port: number; readonly slots: number }
  /** The host that clients are told; default is the one that is listened at. */
  readonly advertisedHost?: string
  readonly tls?: RouteTls
  readonly sasl?: RouteSasl
  readonly clusters: readonly RouteCluster[]
  /** The cluster that serves at first. */
  readonly active: string
  readonly limits?: Partial<Limits>
}

/** Writes outside of a switch: let pass, kept waiting, or refused; reads are served in any case. */
export type Fence = 'none' | 'hold' | 'refuse'

/** What a phase is waiting for before it holds. */
export type Missing = {
  /** Requests that the phase holds back, sent before it began and not answered yet. */
  readonly owedAnswers: number
  /** Client ids of those that wait for them, some. */
  readonly owedTo: readonly string[]
  readonly openTransactions: readonly string[]
  /** `group/member`. */
  readonly membersNotYielded: readonly string[]
}

export type RouteStatus = Missing & {
  readonly name: string
  readonly phase: Phase
  readonly active: string
  readonly fence: Fence
  readonly mayWrite: boolean
  readonly connections: number
  readonly parkedConnections: number
  readonly parkedBytes: number
  /** Connections closed so far, by reason. */
  readonly closed: Readonly<Record<string, number>>
  /** What an operator should know, in words; empty when all is well. */
  readonly warnings: readonly string[]
}

/** How many client connections lived through a switch, and how many had to be closed. */
export type SwapResult = { readonly kept: number; readonly closed: number }

/** One application as the gateway sees it. */
export type Client = {
  readonly clientId: string
  /** As the client names it in ApiVersions; null for clients that do not. */
  readonly library: string | null
  readonly version: string | null
  readonly address: string
  readonly principal: string | null
  readonly topics: readonly string[]
  readonly connections: number
  /** Connections since the gateway started; it stands still as long as none had to be opened anew. */
  readonly opened: number
  readonly lastSeenAt: number
  /** How it will behave in a switch, one sentence. */
  readonly inSwitch: string
}
