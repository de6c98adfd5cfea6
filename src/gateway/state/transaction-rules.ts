import { InitProducerId } from '../../wire/apis/022-init-producer-id.ts'
import { AddPartitionsToTxn } from '../../wire/apis/024-add-partitions-to-txn.ts'
import { AddOffsetsToTxn } from '../../wire/apis/025-add-offsets-to-txn.ts'
import { EndTxn, type EndTxnRequest } from '../../wire/apis/026-end-txn.ts'
import { TxnOffsetCommit } from '../../wire/apis/028-txn-offset-commit.ts'
import { ErrorCode, errorOf } from '../../wire/error-codes.ts'
import type { AnswerChange } from '../session/owed.ts'
import { PARK, PASS, type Verdict } from '../session/verdict.ts'
import { answerBody, answerTo, bodyOf, requestWith } from './call.ts'
import type { Call, Rule, Rules } from './rules.ts'

/** From here on EndTxn carries the producer's next identity (KIP-890): so an id changes clusters unnoticed. */
const NEW_IDENTITY_FROM = 5
/** From here on InitProducerId says which identity the client has. */
const OLD_IDENTITY_FROM = 3
const TIMEOUT_MS = 60_000

/** Keeps book of transactional ids, and answers for those that the active cluster does not know. */
export const transactionRules: ReadonlyMap<number, Rule> = new Map<number, Rule>([
  [22, initProducerId],
  [24, (call, rules) => within(call, rules, bodyOf(AddPartitionsToTxn, call).v3AndBelowTransactionalId)],
  [25, (call, rules) => within(call, rules, bodyOf(AddOffsetsToTxn, call).transactionalId)],
  [26, endTxn],
  [28, (call, rules) => within(call, rules, bodyOf(TxnOffsetCommit, call).transactionalId)],
])

function initProducerId(call: Call, rules: Rules): Verdict {
  if (rules.atLeast('frozen')) return PARK
  const body = bodyOf(InitProducerId, call)
  const { transactionalId: id, transactionTimeoutMs: timeoutMs } = body
  if (id === null) return PASS
  const { transactions, active } = rules
  // What it would get now would be worth nothing in a moment; one that aborts an open transaction has to pass.
  if (rules.atLeast('handing-over') && !transactions.isOpen(id, rules.clock.now())) return PARK
  const change: AnswerChange = (frame) => {
    if (answerBody(InitProducerId, call, frame).errorCode === 0) {
      transactions.own(id, { cluster: active, timeoutMs })
      transactions.end(id)
    }
    return [frame]
  }
  if (!transactions.isForeign(id, active) || call.version < OLD_IDENTITY_FROM) return { kind: 'pass', change }
  // The identity is one of the cluster that was left; this one might take it for that of an older holder.
  const frame = requestWith(InitProducerId, call, { ...body, producerId: -1, producerEpoch: -1 })
  return { kind: 'pass', change, frame }
}

/** Requests that begin a transaction or belong to one. */
function within(_call: Call, rules: Rules, id: string): Verdict {
  if (mustWait(rules)) return PARK
  const { transactions, active, target } = rules
  const now = rules.clock.now()
  // It has its identity of the other cluster already; this one would take it for a stranger.
  if (target !== null && transactions.ownerOf(id)?.cluster === target && target !== active) return PARK
  if (!transactions.isOpen(id, now) && (rules.atLeast('fenced') || rules.fence === 'hold')) return PARK
  if (!transactions.isForeign(id, active)) transactions.begin(id, now)
  return PASS
}

/** Without leave nothing is committed: what it makes count may be lost already. */
function mustWait(rules: Rules): boolean {
  return rules.atLeast('frozen') || !rules.mayWrite
}

function endTxn(call: Call, rules: Rules): Verdict {
  if (mustWait(rules)) return PARK
  const body = bodyOf(EndTxn, call)
  const { transactionalId: id, committed } = body
  const isForeign = rules.transactions.isForeign(id, rules.active)
  // Nothing of the transaction is on this cluster, so there is nothing to abort.
  if (isForeign && !committed) return { kind: 'answer', frames: abortedHere(call, rules, id) }
  return { kind: 'pass', change: (frame) => ended(call, rules, body, frame) }
}

async function abortedHere(call: Call, rules: Rules, id: string): Promise<Buffer[]> {
  rules.transactions.end(id)
  if (call.version < NEW_IDENTITY_FROM) return answerTo(EndTxn, call, {})
  return answerTo(EndTxn, call, await identityOn(rules.active, rules, id))
}

/** A transaction is over: in a switch its producer gets its identity of the target with this answer. */
function ended(
  call: Call,
  rules: Rules,
  { transactionalId: id, producerId, committed }: EndTxnRequest,
  frame: Buffer,
): Buffer[] | Promise<Buffer[]> {
  const answer = answerBody(EndTxn, call, frame)
  if (answer.errorCode !== 0) {
    if (!isRetriable(answer.errorCode)) rules.transactions.end(id)
    return [frame]
  }
  rules.transactions.end(id)
  rules.acked.ended(producerId, committed ? 'committed' : 'aborted')
  const { target } = rules
  const isHandedOver = rules.atLeast('handing-over') && target !== null && target !== rules.active
  if (!isHandedOver || call.version < NEW_IDENTITY_FROM) return [frame]
  return identityOn(target, rules, id).then(
    (identity) => answerTo(EndTxn, call, { ...answer, ...identity }),
    // Without an identity there the producer keeps this one, and learns at its next transaction that it is foreign.
    () => [frame],
  )
}

async function identityOn(cluster: string, rules: Rules, id: string) {
  const timeoutMs = rules.transactions.ownerOf(id)?.timeoutMs ?? TIMEOUT_MS
  const identity = await rules.handOver(cluster, id, timeoutMs)
  rules.transactions.own(id, { cluster, timeoutMs })
  return identity
}

function isRetriable(code: number): boolean {
  return code === ErrorCode.CONCURRENT_TRANSACTIONS || errorOf(code).retriable
}
