import type { NewAcl } from '../../client/admin/acls.ts'
import type { Settings, Told } from '../../link/preflight/facts.ts'
import type { LinkSpec } from '../../link/spec.ts'
import type { MirrorRecord } from '../../link/state/records.ts'
import type { GroupStatus } from '../../link/status.ts'

export { known, type Settings, type Told, unknown } from '../../link/preflight/facts.ts'

/** A gateway of the route, as its record in `__kmc_state` has it. */
export type GatewayFacts = {
  readonly id: string
  readonly host: string
  readonly pid: number
  readonly mayWrite: boolean
  /** Since when it reaches no broker of the active cluster; null while it does. */
  readonly lostSince: number | null
  readonly connections: number
  readonly leaseMs: number
  /** When it said so. */
  readonly at: number
}

export type RouteFacts = {
  readonly name: string
  readonly primary: string
  readonly standby: string
  /** 0 where the route was never written. */
  readonly epoch: number
  /** How often it has gone over to its other cluster. */
  readonly moves: number
  readonly active: string
  readonly gateways: readonly GatewayFacts[]
  /** A failover that has begun and not ended. */
  readonly running: {
    readonly id: string
    readonly plan: string
    readonly by: string
    readonly step: string
  } | null
}

export type TopicFacts = {
  readonly name: string
  readonly id: string
  readonly partitions: number
  readonly replicationFactor: number
  readonly leaderless: readonly number[]
}

/** A partition's log; null: the leader did not say. */
export type LogFacts = {
  readonly start: number | null
  /** The high watermark. */
  readonly end: number | null
  /** Timestamp of the newest record; null also where there is none. */
  readonly newest: number | null
  /** What one replica takes on disk. */
  readonly bytes: number | null
}

export type PositionFacts = {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly metadata: string | null
}

export type GroupFacts = {
  readonly group: string
  readonly type: string
  readonly protocolType: string
  readonly state: string
  readonly members: number | null
  /** `client id at address`. */
  readonly clients: readonly string[]
  readonly positions: readonly PositionFacts[]
}

export type ProducerFacts = {
  readonly topic: string
  readonly partition: number
  readonly producerId: number
  readonly producerEpoch: number
  readonly lastSequence: number
  /** By the record's timestamp. */
  readonly lastAt: number
  readonly inTransaction: boolean
}

export type TransactionFacts = {
  readonly transactionalId: string
  readonly producerId: number
  readonly state: string
  readonly timeoutMs: number | null
  readonly startedAt: number | null
  readonly partitions: readonly string[]
}

export type QuotaFacts = { readonly entity: string; readonly values: Settings }

/** Settings of topics as they count and as set on the topics, and what a topic without any of its own has. */
export type SettingFacts = {
  readonly topics: ReadonlyMap<string, { readonly effective: Settings; readonly own: Settings }>
  readonly defaults: Settings
}

/** One cluster of the route. `null` in `acls`: it has no authorizer. */
export type SideFacts = {
  readonly name: string
  readonly clusterId: string
  readonly topics: ReadonlyMap<string, TopicFacts>
  /** By `topic-partition`. */
  readonly logs: ReadonlyMap<string, LogFacts>
  readonly settings: Told<SettingFacts>
  readonly acls: Told<readonly NewAcl[] | null>
  readonly users: Told<ReadonlyMap<string, readonly string[]>>
  readonly quotas: Told<readonly QuotaFacts[]>
  readonly groups: Told<readonly GroupFacts[]>
  readonly producers: Told<readonly ProducerFacts[]>
  readonly transactions: Told<readonly TransactionFacts[]>
}

/** What the target remembers of the link. */
export type LinkFacts = {
  readonly name: string
  readonly desired: 'active' | 'paused'
  readonly generation: number | null
  /** Workers that share it now. */
  readonly workers: Told<number>
  /** From here on the target hands out producer ids; null where nothing was done about that. */
  readonly producerIdsFrom: number | null
  readonly mirrors: readonly MirrorRecord[]
  /** By group: offsets that the link wrote last, by `mirror-partition`. */
  readonly written: ReadonlyMap<string, ReadonlyMap<string, number>>
  /** By topic: what the mirror is given when it is promoted. */
  readonly handOver: ReadonlyMap<string, readonly NewAcl[]>
}

/** What a worker of the link saw last, however long ago; from its status, where somebody could ask it. */
export type LastSeen = {
  readonly link: string
  /** By `topic-partition` of the active cluster. */
  readonly ends: ReadonlyMap<string, SeenEnd>
  readonly faults: ReadonlyMap<string, string>
  readonly groups: readonly GroupStatus[]
}

export type SeenEnd = {
  readonly end: number
  readonly at: number | null
  readonly lagSeconds: number | null
}

/** Everything that was read for one plan; the judges ask nothing. */
export type PlanFacts = {
  readonly at: number
  readonly by: { readonly user: string; readonly host: string }
  readonly route: RouteFacts
  readonly spec: LinkSpec | null
  /** The active cluster, and the one that takes over. */
  readonly from: Told<SideFacts>
  readonly to: Told<SideFacts>
  readonly toName: string
  readonly link: Told<LinkFacts | null>
  readonly lastSeen: LastSeen | null
}

/** What is asked for. */
export type PlanWish = {
  /** Left out: a switchover where the active cluster answers, else a failover. */
  readonly kind?: 'switchover' | 'failover' | undefined
  readonly accepted: ReadonlySet<string>
}
