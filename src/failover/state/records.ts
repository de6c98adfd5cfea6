import { z } from 'zod'
import { phases } from '../../gateway/spec.ts'
import { decodeValue, encodeValue, keyParts } from '../../link/state/value.ts'

const person = z.object({ user: z.string(), host: z.string() })
const phase = z.enum(phases)
const fence = z.enum(['none', 'hold', 'refuse'])

/** Where a route leads. Gateways obey the record that outranks all others on both clusters (`outranks`). */
const routeRecord = z.object({
  name: z.string(),
  /** One more with each record. */
  epoch: z.int().min(1),
  /** How often the route has gone over to its other cluster. */
  moves: z.int().min(0),
  /** The cluster that takes writes, by its name in the fleet, and by its id. */
  active: z.string(),
  activeClusterId: z.string(),
  phase,
  /** Where a switch under way leads. */
  target: z.string().nullable(),
  /** The plan that is being run. */
  plan: z.string().nullable(),
  fence,
  /**
   * Since a failover the other cluster was out of reach, and knows nothing of this record. Gateways go without it until
   * one of them has reached it again.
   */
  alone: z.boolean(),
  /** What each gateway is asked to write beside its answer: what was acknowledged at these ends and behind them. */
  asks: z.object({ ends: z.record(z.string(), z.array(z.int())) }).nullable(),
  at: z.number(),
  by: person,
  /** A word of its writer's own: it tells who was first of two with one epoch. */
  writer: z.string(),
})

/** See `AckedAfter` in gateway/state/acked. */
const ackedPartition = z.object({
  ...{ partition: z.int(), end: z.int(), records: z.int(), bytes: z.int() },
  ...{ byLeader: z.int(), aborted: z.int(), open: z.int() },
  ...{ firstAt: z.number().nullable(), lastAt: z.number().nullable(), isShort: z.boolean() },
})

const acked = z.object({
  /**
   * From when on it has seen what clients were told; null: from the beginning, or since the cluster took over. Before
   * that there was another process of its name.
   */
  since: z.number().nullable(),
  topics: z.record(z.string(), z.array(ackedPartition)),
  elsewhere: z.record(z.string(), z.int()),
  unanswered: z.array(z.string()),
  /** Partitions that did not fit into the record. */
  leftOut: z.int(),
})

/** One gateway process of a route: what it obeys and how far it is. Each record is also its lease. */
const gatewayRecord = z.object({
  route: z.string(),
  id: z.string(),
  host: z.string(),
  pid: z.int(),
  /** When the process began, and how many records it has written since: later ones of one id count. */
  since: z.number(),
  beat: z.int(),
  /** The epoch of the route record that it obeys; 0 as long as it has none. */
  epoch: z.int(),
  /** The phase that it has reached and holds. */
  phase,
  /** The cluster its requests go to. */
  active: z.string(),
  /** A deadline is over: what the phase still waits for. */
  missing: z.array(z.string()),
  mayWrite: z.boolean(),
  /** Since when no broker of `active` can be reached: such a gateway has given up its leave to write. */
  lostSince: z.number().nullable().default(null),
  standbyLost: z.enum(['serve', 'hold']),
  connections: z.int(),
  acked: acked.nullable(),
  /** Since the last switch: what clients may have written twice, as it could not be looked for in time. */
  maybeTwice: z
    .object({ batches: z.int(), records: z.int(), partitions: z.array(z.string()) })
    .nullable()
    .default(null),
  leaseMs: z.int(),
  at: z.number(),
  /** Written by another gateway: nothing came of this one for longer than its lease lasts. */
  gone: z.boolean().default(false),
})

/** What a gateway that ended in order leaves: how far it told clients, on the cluster that the route led to then. */
const farewellRecord = z.object({
  route: z.string(),
  id: z.string(),
  /** How often the route had gone over by then: what was told before a move is of no concern after it. */
  moves: z.int(),
  at: z.number(),
  /** By topic, partitions and the offset behind the last record that a client was told of. */
  ends: z.record(z.string(), z.array(z.tuple([z.int(), z.int()]))),
  /** Partitions that did not fit. */
  leftOut: z.int(),
})

/** A run of a failover. Of several runners the first to write a claim number holds. */
const failoverRecord = z.object({
  route: z.string(),
  id: z.string(),
  kind: z.enum(['switchover', 'failover']),
  plan: z.string(),
  step: z.string(),
  steps: z.array(
    z.object({
      name: z.string(),
      startedAt: z.number(),
      endedAt: z.number().nullable(),
      note: z.string().nullable(),
    }),
  ),
  runner: z.object({ id: z.string(), host: z.string(), pid: z.int(), user: z.string() }),
  claim: z.int().min(1),
  /** What the run has found out so far, in its own words. */
  memo: z.unknown(),
  state: z.enum(['running', 'done', 'failed', 'undone']),
  at: z.number(),
})

/** Where mirrors ended as copies when a run ended their link as a writer: a part of them. */
const endsRecord = z.object({
  /** Of the run that noted it, and of the link as it ended it. */
  plan: z.string(),
  generation: z.int(),
  /** Of one mirror the ends from partition `first` on. */
  mirrors: z.array(z.object({ mirror: z.string(), first: z.int(), ends: z.array(z.int()) })),
})

export type RoutePhase = z.infer<typeof phase>
export type RouteRecord = z.infer<typeof routeRecord>
export type AckedRecord = z.infer<typeof acked>
export type FarewellRecord = z.infer<typeof farewellRecord>
export type GatewayRecord = z.infer<typeof gatewayRecord>
export type FailoverRecord = z.infer<typeof failoverRecord>
export type EndsRecord = z.infer<typeof endsRecord>

/**
 * What is said of routes in `__kmc_state` of both their clusters, one key a fact: `route/NAME` where it leads,
 * `gateway/NAME/ID` one of its gateways (without value once it has ended in order), `farewell/NAME/ID` what it left
 * then, `failover/NAME` the run of a failover and `ends/NAME/NUMBER` where its mirrors ended (both on the target only).
 */
export type RouteChange =
  | { readonly kind: 'route'; readonly name: string; readonly record: RouteRecord | null }
  | {
      readonly kind: 'gateway'
      readonly name: string
      readonly id: string
      readonly record: GatewayRecord | null
    }
  | {
      readonly kind: 'farewell'
      readonly name: string
      readonly id: string
      readonly record: FarewellRecord | null
    }
  | { readonly kind: 'failover'; readonly name: string; readonly record: FailoverRecord | null }
  | { readonly kind: 'ends'; readonly name: string; readonly id: string; readonly record: EndsRecord | null }

export function encodeRouteChange(change: RouteChange): { key: Buffer; value: Buffer | null } {
  const parts = [change.kind, change.name, ...('id' in change ? [change.id] : [])]
  return { key: Buffer.from(parts.join('/')), value: encodeValue(change.record) }
}

/** Null for a record that is not about routes. @throws STATE_UNREADABLE */
export function decodeRouteChange(
  key: Buffer | null,
  value: Buffer | null,
  offset: number,
): RouteChange | null {
  const [kind, name, id] = keyParts(key)
  if (name === undefined) return null
  switch (kind) {
    case 'route':
      return { kind, name, record: decodeValue(routeRecord, value, offset) }
    case 'gateway':
      return id === undefined ? null : { kind, name, id, record: decodeValue(gatewayRecord, value, offset) }
    case 'farewell':
      return id === undefined ? null : { kind, name, id, record: decodeValue(farewellRecord, value, offset) }
    case 'ends':
      return id === undefined ? null : { kind, name, id, record: decodeValue(endsRecord, value, offset) }
    case 'failover':
      return { kind, name, record: decodeValue(failoverRecord, value, offset) }
    default:
      return null
  }
}
