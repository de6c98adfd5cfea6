import type { GroupReason, PartitionReason } from '../../link/groups/explain.ts'
import type { MirrorState } from '../../link/status.ts'
import type { FenceReport } from '../fence/report.ts'
import type { FailoverKind, StepName } from '../run/course.ts'
import type { AcceptFlag, FailoverRefusalCode } from './refusals.ts'

export const FAILOVER_PLAN_FORMAT = 1

/** Offsets (markers of transactions count as well), bytes estimated from the sizes of logs, and seconds of records. */
export type Amount = {
  readonly records: number | null
  readonly bytes: number | null
  readonly seconds: number | null
}

/** `lost`: acknowledged, and not there after a failover. `drained`: copied before a switchover goes on. */
export type PartitionForecast = {
  readonly partition: number
  /** The end at the active cluster as last seen, and when; null when nobody knows. */
  readonly sourceEnd: number | null
  readonly seenAt: number | null
  readonly mirrorEnd: number | null
  readonly lost: Amount
  readonly drained: Amount
}

export type TopicForecast = {
  readonly topic: string
  readonly mirror: string
  readonly state: MirrorState
  /** Why it stands still; null where it does not. */
  readonly fault: string | null
  readonly lost: Amount
  readonly drained: Amount
  /** Timestamp of the newest record that the target holds; null when it is not known, or there is none. */
  readonly newest: number | null
  readonly partitions: readonly PartitionForecast[]
}

export type GroupPositionForecast = {
  readonly topic: string
  readonly partition: number
  /** The position now, and the one that the group would begin at. */
  readonly source: number | null
  readonly target: number | null
  /** Offsets that would be read again, and offsets that nobody of the group would read. */
  readonly reRead: number | null
  readonly skipped: number | null
  readonly why: PartitionReason
}

export type GroupForecast = {
  readonly group: string
  /** As at the active cluster, or at the target where that is gone. */
  readonly type: string
  readonly state: string
  readonly members: number | null
  readonly clients: readonly string[]
  readonly reRead: number | null
  readonly skipped: number | null
  readonly verdict: GroupReason
  readonly words: string
  /** When the positions at the target were read at the active cluster; null when that is not known. */
  readonly asOf: number | null
  readonly partitions: readonly GroupPositionForecast[]
}

/** `blocks`: a switchover is refused for it; a failover, which cannot wait, goes on and tells it. */
export type DriftSeverity = 'blocks' | 'warning' | 'note'
export type DriftKind =
  | 'topic'
  | 'partitions'
  | 'replicas'
  | 'setting'
  | 'right'
  | 'user'
  | 'quota'
  | 'group'
  | 'unknown'

/** One difference between the sides that applications would meet after the switch. */
export type Drift = {
  readonly severity: DriftSeverity
  readonly kind: DriftKind
  readonly subject: string
  readonly what: string
  readonly remedy: string | null
}

export type ApplicationKind =
  | 'flink'
  | 'kafka-streams'
  | 'kafka-connect'
  | 'debezium'
  | 'apicurio'
  | 'schema-registry'
  | 'spark'
  | 'share-group'

/** An application that is known to need more than its records and positions. */
export type ApplicationCare = {
  readonly application: ApplicationKind
  readonly name: string
  /** What it was recognised by. */
  readonly evidence: readonly string[]
  readonly why: string
  readonly todo: readonly string[]
  /** Topics and groups of it that do not travel. */
  readonly missing: readonly string[]
}

export type OpenTransaction = {
  readonly transactionalId: string
  readonly producerId: number
  readonly state: string
  readonly openMs: number | null
  /** Open for longer than it may be: it holds up the drain, and nobody is going to end it. */
  readonly hangs: boolean
  readonly partitions: readonly string[]
}

/** A producer that wrote in the last minute. */
export type ProducerForecast = {
  readonly producerId: number
  readonly transactionalId: string | null
  readonly partitions: readonly string[]
  readonly lastAt: number
  /** Null where nobody can tell: Kafka names no address of a producer. */
  readonly throughRoute: boolean | null
}

/** What will keep clients from writing to the cluster that is left. */
export type FenceForecast = {
  readonly state: FenceReport['state'] | 'unknown'
  readonly text: string
}

export type FailoverRefusal = {
  readonly code: FailoverRefusalCode
  readonly what: string
  readonly why: string
  readonly remedy: string
  /** Whether it goes away by itself within seconds: then it is waited for before anything is refused. */
  readonly passes: boolean
  /** The flag that accepts it; null: nothing does. */
  readonly flag: AcceptFlag | null
  readonly subjects: readonly string[]
}

export type FailoverStep = {
  readonly number: number
  readonly name: StepName
  readonly what: string
  readonly expectedMs: number
  /** Writers wait during it. */
  readonly holdsWrites: boolean
  /** The route can still be put back to what it was. */
  readonly canUndo: boolean
}

/** What a plan was made on: when one of these has changed, the plan says nothing any more. */
export type PlanGround = {
  readonly routeEpoch: number
  readonly active: string
  readonly fromClusterId: string | null
  readonly toClusterId: string | null
  readonly linkGeneration: number | null
  /** By topic: ids on both sides, state. */
  readonly mirrors: Readonly<Record<string, string>>
  /** By gateway: the process that runs it. */
  readonly gateways: Readonly<Record<string, string>>
}

export type GatewayForecast = {
  readonly id: string
  readonly host: string
  readonly silentMs: number
  readonly silent: boolean
  readonly mayWrite: boolean
  /** For so long it has reached no broker of the cluster that is left; null while it does. */
  readonly lostMs: number | null
  readonly connections: number
}

/** Everything that a failover of a route would mean now; made without changing anything, saved and run as it is. */
export type FailoverPlan = {
  readonly format: typeof FAILOVER_PLAN_FORMAT
  /** SHA-256 of the rest. */
  readonly id: string
  readonly route: string
  /** `switchover`: the active cluster is there, nothing is lost. `failover`: on at what has arrived, without it. */
  readonly kind: FailoverKind
  readonly madeAt: number
  readonly madeBy: { readonly user: string; readonly host: string }
  readonly from: string
  readonly to: string
  /** Whether the active cluster answered; else why not. */
  readonly fromAnswers: boolean
  readonly fromTrouble: string | null
  readonly link: string | null
  readonly ground: PlanGround
  /** What the operator asked for: flags that accept something. */
  readonly accepted: readonly AcceptFlag[]
  readonly refusals: readonly FailoverRefusal[]
  /** Refusals that `accepted` covers. */
  readonly overridden: readonly FailoverRefusal[]
  readonly lost: Amount
  readonly drained: Amount
  /** When the oldest of the ends that this rests on was seen; null when one was never seen. */
  readonly seenAt: number | null
  readonly topics: readonly TopicForecast[]
  readonly groups: readonly GroupForecast[]
  readonly drift: readonly Drift[]
  readonly applications: readonly ApplicationCare[]
  readonly transactions: readonly OpenTransaction[]
  readonly producers: readonly ProducerForecast[]
  readonly fence: FenceForecast
  readonly gateways: readonly GatewayForecast[]
  readonly steps: readonly FailoverStep[]
  readonly expectedMs: number
  /** For how long writers are expected to wait. */
  readonly heldMs: number
}
