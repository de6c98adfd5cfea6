import type { LinkLimit } from '../../link/budget/limit.ts'
import type { Priorities } from '../../link/budget/priority.ts'
import type { NamePatterns, StartPoint } from '../../link/spec.ts'
import type { Travel } from '../../link/travel/options.ts'
import type { AlertsDeclaration } from './alert-schema.ts'
import type { MetricsDeclaration } from './schema.ts'
import type { ServerDeclaration } from './server-schema.ts'

/** A reference to a secret or PEM text, as written: `env:NAME` or `file:path` (relative to the fleet file). */
export type Reference = string

/** A cluster that kmc runs here. */
export type ManagedClusterDeclaration = {
  readonly kind: 'managed'
  readonly name: string
  readonly region: string | null
  readonly brokers: number
  readonly kafka: { readonly version: string } | { readonly home: string }
  /** Where the engine begins to look for ports at the first start. */
  readonly port: number
  readonly security: boolean
  readonly config: Readonly<Record<string, string>>
  readonly heapMiB: number | null
}

export type TlsDeclaration = {
  readonly ca: Reference | null
  readonly certificate: Reference | null
  readonly key: Reference | null
  readonly keyPassword: Reference | null
  readonly serverName: string | null
}

export type SaslDeclaration =
  | {
      readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'
      readonly username: string
      readonly password: Reference
    }
  | { readonly mechanism: 'OAUTHBEARER'; readonly token: Reference }

/** A cluster that runs elsewhere. */
export type ExternalClusterDeclaration = {
  readonly kind: 'external'
  readonly name: string
  readonly region: string | null
  readonly bootstrap: readonly string[]
  readonly tls: TlsDeclaration | null
  readonly sasl: SaslDeclaration | null
  readonly clusterId: string | null
}

export type ClusterDeclaration = ManagedClusterDeclaration | ExternalClusterDeclaration

export type LinkDeclaration = {
  readonly name: string
  readonly from: string
  readonly to: string
  readonly engine: 'exact'
  /** As written. What the link takes also leaves out `excluded`. */
  readonly topics: NamePatterns
  /** Patterns (without `!`) of mirrors that other links on a cycle with this one bring to its source. */
  readonly excluded: NamePatterns
  readonly groups: NamePatterns
  readonly prefix: string
  readonly start: StartPoint
  /** Left out where the file says nothing of it. */
  readonly travel?: Travel | undefined
  /** Left out: no limit. */
  readonly limit?: LinkLimit | undefined
  /** Left out: all topics weigh the same. */
  readonly priority?: Priorities | undefined
  /** In each process that runs the link. */
  readonly workers: number
  /** How far behind it may be. Left out: a minute. */
  readonly rpoMs?: number | undefined
  /** From here on the destination shall hand out producer ids; 0: as it does. */
  readonly producerIdsFrom: number
}

export type RouteTlsDeclaration = {
  readonly certificate: Reference
  readonly key: Reference
  readonly keyPassword: Reference | null
  readonly clientCa: Reference | null
}

type SharedMechanism = 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'

export type RouteUserDeclaration = {
  readonly password: Reference
  /** Who the user is at the clusters; null: whoever kmc is there. */
  readonly as: {
    readonly mechanism: SharedMechanism
    readonly username: string
    readonly password: Reference
  } | null
}

/** An address at which clients find whichever of two clusters serves. */
export type RouteDeclaration = {
  readonly name: string
  /** Slot i listens at `port` + i. */
  readonly port: number
  readonly slots: number
  readonly primary: string
  readonly standby: string
  readonly listen: string
  readonly advertised: string
  readonly tls: RouteTlsDeclaration | null
  /** null: clients sign in at the clusters. */
  readonly sasl: {
    readonly mechanisms: readonly SharedMechanism[]
    readonly users: Readonly<Record<string, RouteUserDeclaration>>
  } | null
  /** As far as the file says something of them. */
  readonly limits: {
    readonly connections?: number | undefined
    readonly parkedBytes?: number | undefined
    readonly frameBytes?: number | undefined
  }
  readonly standbyLost: 'serve' | 'hold'
}

/** Something worth knowing that is not an error. `path` as in problems, with the place in the file. */
export type Remark = {
  readonly path: string
  readonly line: number
  readonly column: number
  readonly message: string
}

/** What the file declares: defaults filled in, checked, plain data without secrets. */
export type Fleet = {
  readonly name: string
  readonly clusters: Readonly<Record<string, ClusterDeclaration>>
  readonly links: Readonly<Record<string, LinkDeclaration>>
  readonly routes: Readonly<Record<string, RouteDeclaration>>
  /** Left out: no port of their own. */
  readonly metrics?: MetricsDeclaration | undefined
  /** Left out: at the usual port when that is free, on this machine alone. */
  readonly server?: ServerDeclaration | undefined
  /** Left out: the rules that come with kmc, told to nobody. */
  readonly alerts?: AlertsDeclaration | undefined
}

/** A fleet with where it came from. `directory` is absolute; references and `home` are relative to it. */
export type LoadedFleet = {
  readonly fleet: Fleet
  readonly file: string
  readonly directory: string
  readonly remarks: readonly Remark[]
}
