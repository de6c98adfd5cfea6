import type { Clock } from '../../base/clock.ts'
import { ErrorCode } from '../../wire/error-codes.ts'
import type { ProduceHead } from '../frames/request-head.ts'
import { CHECKED_AFTER_SWAP_MS } from '../limits.ts'
import type { Served } from '../rewrite/served.ts'
import type { ProduceVerdict, Verdict } from '../session/verdict.ts'
import { PARK, PASS } from '../session/verdict.ts'
import { type Fence, type Phase, phases } from '../spec.ts'
import { Acked } from './acked.ts'
import { Deliveries } from './deliveries.ts'
import { groupRules } from './group-rules.ts'
import { type Member, Members } from './members.ts'
import type { Resets } from './resets.ts'
import { isStreamsProducer } from './streams.ts'
import { transactionRules } from './transaction-rules.ts'
import { Transactions } from './transactions.ts'

/** What is known of who asks. */
export type Asker = { readonly clientId: string | null }

/** One request, whole, its size included. */
export type Call = {
  readonly api: Served
  readonly version: number
  readonly correlationId: number
  readonly frame: Buffer
  readonly session: Asker
}

/** Gives a transactional id its producer on another cluster. */
export type HandOver = (
  cluster: string,
  id: string,
  timeoutMs: number,
) => Promise<{ readonly producerId: number; readonly producerEpoch: number }>

/** When leave to write ends by itself: by the clock that never runs back, or by the one that goes on in sleep. */
export type Until = { readonly monoMs: number; readonly wallMs: number }

/** Judges one kind of request; null when it has nothing to say. */
export type Rule = (call: Call, rules: Rules) => Verdict | null

/** How long writes wait while nobody knows whether they are allowed, before they are refused. */
const MAY_WRITE_HOLD_MS = 10_000

const rankOf = (phase: Phase): number => phases.indexOf(phase)

/** APIs by which admin clients change a cluster: what they change after the fence would not arrive on the other one. */
const ADMIN_WRITES: ReadonlySet<number> = new Set([
  19, 20, 21, 30, 31, 33, 37, 38, 39, 40, 42, 43, 44, 45, 47, 49, 51,
])

const PRODUCE = 0
const FETCH = 1
const LIST_OFFSETS = 2
/** OffsetFetch, JoinGroup, ConsumerGroupHeartbeat: where a reader goes on is up to its group. */
const JOINS_OR_ASKS: ReadonlySet<number> = new Set([9, 11, 68])
/** Of groups and transactions; JoinGroup and SyncGroup are left out, as they wait for other members. */
const COORDINATED: ReadonlySet<number> = new Set([8, 12, 13, 22, 24, 25, 26, 28, 68])

/** Whether a phase holds back such requests, so that those sent before have to be answered first. */
export function isHeldBack({ key }: Served, phase: Phase): boolean {
  if (phase === 'fenced') return key === PRODUCE
  return phase === 'frozen' && (key === PRODUCE || COORDINATED.has(key))
}

/**
 * Decides for every request of a route what becomes of it: by the phase, by the fence, by who owns its transactional
 * id. Pure but for the clock and the hand-over, which are given. One for all connections of a route.
 */
export class Rules {
  phase: Phase = 'open'
  fence: Fence = 'none'
  active: string
  /** The cluster that a switch goes to; null outside of one. */
  target: string | null = null
  /** Switches so far. */
  generation = 0
  readonly transactions = new Transactions()
  readonly members = new Members()
  readonly acked: Acked
  readonly deliveries: Deliveries
  /** After a crash, for readers that are further than the cluster that serves now. */
  resets: Resets | null = null
  readonly clock: Clock
  readonly handOver: HandOver
  #mayWrite = true
  #until: Until | null = null
  #mayNotWriteSince = 0
  #checksUntil = 0

  constructor(active: string, clock: Clock, handOver: HandOver) {
    this.active = active
    this.clock = clock
    this.acked = new Acked(() => clock.now())
    this.deliveries = new Deliveries(
      () => clock.now(),
      (batch, offset) => this.acked.take(batch, offset),
    )
    this.handOver = handOver
  }

  /** Whether what clients send has to be looked at as a whole, because a switch was not long ago. */
  get isChecking(): boolean {
    return this.clock.now() < this.#checksUntil
  }

  get mayWrite(): boolean {
    if (!this.#mayWrite || this.#until === null) return this.#mayWrite
    if (performance.now() < this.#until.monoMs && Date.now() < this.#until.wallMs) return true
    this.allowWrites(false, null)
    return false
  }

  allowWrites(allowed: boolean, until: Until | null): void {
    if (this.#mayWrite && !allowed) this.#mayNotWriteSince = this.clock.now()
    this.#mayWrite = allowed
    this.#until = until
  }

  /** Whether the route is in this phase or in a later one. */
  atLeast(phase: Phase): boolean {
    return rankOf(this.phase) >= rankOf(phase)
  }

  /** Another cluster serves from now on: what was begun at the last one is over. Gives its members. */
  switchTo(cluster: string): Member[] {
    this.active = cluster
    this.target = null
    this.generation++
    this.resets = null
    this.#checksUntil = this.clock.now() + CHECKED_AFTER_SWAP_MS
    this.transactions.forgetOpen()
    this.acked.beginAnew()
    this.deliveries.beginAnew()
    return this.members.takeAll()
  }

  /** What keeps a write from passing: it waits, or is refused with this code; null when nothing does. */
  writeBar(): ProduceVerdict | null {
    if (this.fence === 'refuse') return { kind: 'refuse', code: ErrorCode.TOPIC_AUTHORIZATION_FAILED }
    if (this.fence === 'hold') return PARK
    return this.leaveBar()
  }

  /** The same of the leave to write alone, which nothing that was begun before is exempt from. */
  leaveBar(): ProduceVerdict | null {
    if (this.mayWrite) return null
    const isOver = this.clock.now() - this.#mayNotWriteSince >= MAY_WRITE_HOLD_MS
    return isOver ? { kind: 'refuse', code: ErrorCode.NOT_LEADER_OR_FOLLOWER } : PARK
  }

  judgeProduce({ transactionalId }: ProduceHead, asker: Asker): ProduceVerdict {
    if (this.atLeast('parked')) return PARK
    if (transactionalId !== null) return this.#judgeTransactional(transactionalId, asker)
    if (this.atLeast('fenced')) return PARK
    return this.writeBar() ?? PASS
  }

  judge(call: Call): Verdict {
    if (this.atLeast('parked')) return PARK
    const { key } = call.api
    if (ADMIN_WRITES.has(key) && (this.atLeast('fenced') || !this.mayWrite)) return PARK
    const turned = this.resets === null ? null : this.#judgeReader(call, this.resets)
    if (turned !== null) return turned
    const rule = groupRules.get(key) ?? transactionRules.get(key)
    return rule?.(call, this) ?? PASS
  }

  /** A request that passed once, as it is to be sent to another broker. */
  again(call: Call): Buffer {
    const isRead = call.api.key === FETCH && this.isChecking
    return (isRead ? this.resets?.turnBack(call) : null) ?? call.frame
  }

  #judgeReader(call: Call, resets: Resets): Verdict | null {
    const { key } = call.api
    if (!this.isChecking) this.resets = null
    else if (key === LIST_OFFSETS) return resets.judgeListOffsets(call)
    else if (JOINS_OR_ASKS.has(key)) resets.noteGrouped(call)
    else if (key === FETCH) {
      const frame = resets.turnBack(call)
      return frame === null ? null : { kind: 'pass', frame }
    }
    return null
  }

  #judgeTransactional(id: string, { clientId }: Asker): ProduceVerdict {
    const { transactions } = this
    const now = this.clock.now()
    if (transactions.isForeign(id, this.active)) {
      const isComing = transactions.ownerOf(id)?.cluster === this.target
      return isComing ? PARK : { kind: 'refuse', code: codeForForeign(clientId) }
    }
    const isOpen = transactions.isOpen(id, now)
    if (!isOpen && this.atLeast('fenced')) return PARK
    const bar = isOpen ? this.leaveBar() : this.writeBar()
    if (bar !== null) return bar
    transactions.begin(id, now)
    return PASS
  }
}

/**
 * TRANSACTION_ABORTABLE makes an application abort and go on; Kafka Streams dies of it and takes INVALID_PRODUCER_EPOCH
 * as a task that moved away.
 */
function codeForForeign(clientId: string | null): number {
  return isStreamsProducer(clientId) ? ErrorCode.INVALID_PRODUCER_EPOCH : ErrorCode.TRANSACTION_ABORTABLE
}
