import type { GatewayRecord, RouteChange, RouteRecord } from '../state/records.ts'
import type { Instant } from './lease.ts'
import type { Reading } from './side.ts'

export type RoutePhase = RouteRecord['phase']

/** What happens to a keeper. */
export type KeeperEvent =
  | { readonly kind: 'tick' }
  | { readonly kind: 'read'; readonly cluster: string; readonly reading: Reading }
  /** Something failed on the way to a cluster; `isGone`: none of its brokers can be reached. */
  | { readonly kind: 'lost'; readonly cluster: string; readonly why: string; readonly isGone: boolean }
  /** A change was written, or could not be. */
  | { readonly kind: 'written'; readonly cluster: string }
  | { readonly kind: 'acked'; readonly cluster: string; readonly beat: number }
  | {
      readonly kind: 'entered'
      readonly epoch: number
      readonly phase: RoutePhase
      readonly missing: readonly string[]
    }
  | { readonly kind: 'swapped'; readonly cluster: string }
  | { readonly kind: 'swap-failed'; readonly why: string }

/** What a keeper does: to the data plane, and to the logs. */
export type KeeperEffect =
  | {
      readonly kind: 'enter'
      readonly epoch: number
      readonly phase: RoutePhase
      readonly target: string | null
      readonly deadlineMs: number
    }
  | { readonly kind: 'swap'; readonly cluster: string }
  | { readonly kind: 'fence'; readonly fence: RouteRecord['fence'] }
  /** Writes may pass until then; null: not now. */
  | { readonly kind: 'may-write'; readonly until: Instant | null }
  /** The gateway's own record, but for what the data plane counts. */
  | { readonly kind: 'beat'; readonly cluster: string; readonly record: Beat }
  /** Reads the log to its end as it is now. */
  | { readonly kind: 'read'; readonly cluster: string }
  | { readonly kind: 'write'; readonly cluster: string; readonly change: RouteChange }

/** A gateway record without what the data plane counts. */
export type Beat = Omit<GatewayRecord, 'connections' | 'acked' | 'maybeTwice'> & {
  readonly asks: RouteRecord['asks']
}
