import { ErrorCode } from '../../wire/error-codes.ts'
import type { ScannedPartition } from '../frames/produce-scan.ts'
import { answerWithDelivered, type Delivered, withoutDelivered } from '../session/produce-again.ts'
import { refusedProduce } from '../session/refused-produce.ts'
import { PASS, type Verdict } from '../session/verdict.ts'
import type { Call, Rules } from './rules.ts'

/**
 * Soon after a switch: what the last cluster wrote and could not tell is not written again, and no batch goes before
 * the one that its producer sent first. What has to come later is answered as by a broker that leads no more, which
 * makes every client send all again, in order.
 */
export function judgeAfterSwap(call: Call, batches: readonly ScannedPartition[], rules: Rules): Verdict {
  const { deliveries, generation } = rules
  const { version, correlationId, frame } = call
  const delivered: Delivered[] = []
  for (const batch of batches) {
    const fate = deliveries.judge(batch, generation)
    if (fate.kind === 'early') {
      deliveries.refused(batch)
      const code = ErrorCode.NOT_LEADER_OR_FOLLOWER
      return { kind: 'answer', frames: refusedProduce(batches, version, correlationId, code) }
    }
    if (fate.kind === 'delivered') delivered.push({ batch, offset: fate.offset })
  }
  for (const batch of batches) deliveries.sent(batch, generation)
  if (delivered.length === 0) return PASS
  for (const { batch, offset } of delivered) deliveries.told(batch, offset, generation)
  if (delivered.length === batches.length)
    return { kind: 'answer', frames: answerWithDelivered(null, version, correlationId, delivered) }
  return {
    kind: 'pass',
    frame: withoutDelivered(frame, delivered),
    change: (answer) => answerWithDelivered(answer, version, correlationId, delivered),
  }
}
