import { counted } from '../../failover/plan/words.ts'
import { amountWords } from '../../failover/receipt/markdown.ts'
import type { FailoverReceipt } from '../../failover/receipt/receipt.ts'
import { groupDigits } from '../terminal/table.ts'
import { formatDuration } from '../terminal/units.ts'
import type { Audit, AuditedTopic } from './ledger.ts'
import type { PrimaryLost } from './lose-primary.ts'
import type { GroupAtEnd, StoryResult } from './story.ts'

export type Verdict = { readonly good: boolean; readonly text: string }

/** The verdict in sentences, and whether each is what was promised. */
export function verdicts({ audits, counts, groups, kills, primaryLost }: StoryResult): Verdict[] {
  const mayLose = primaryLost !== null
  const aborted = `${groupDigits(counts.aborted)} payments in transactions that were given up show on neither side`
  const tooShort = [
    ...(kills > 0 ? [] : ['the worker was not killed this time: the run was too short']),
    ...(mayLose ? [] : ['seoul was not killed this time: the run was too short']),
  ]
  return [
    onceEach('orders', audits.orders, mayLose),
    onceEach('payments', audits.payments, mayLose),
    ...(counts.aborted > 0 ? [{ good: audits.payments.invented.length === 0, text: aborted }] : []),
    ...groups.map((group) => groupVerdict(group, mayLose)),
    ...(primaryLost === null ? [] : lossVerdicts(primaryLost, audits)),
    ...tooShort.map((text) => ({ good: true, text })),
  ]
}

/** What seoul had acknowledged and not handed on when it died may be lost; nothing else may. */
function onceEach(topic: AuditedTopic, audit: Audit, mayLose: boolean): Verdict {
  const { acknowledged, found, lost, repeated, invented } = audit
  const isWhole = repeated.length + invented.length === 0
  const counted = `${groupDigits(acknowledged)} ${topic} acknowledged, ${groupDigits(found)} found in virginia`
  if (isWhole && lost.length === 0) return { good: true, text: `${counted}: each exactly once` }
  if (isWhole && mayLose) {
    return {
      good: true,
      text: `${counted}: ${groupDigits(lost.length)} died with seoul, the others exactly once`,
    }
  }
  const wrong = `${lost.length} lost, ${repeated.length} repeated, ${invented.length} invented`
  return { good: false, text: `${counted}: ${wrong}` }
}

function groupVerdict({ group, source, destination, missed, again }: GroupAtEnd, isAlone: boolean): Verdict {
  if (isAlone) {
    const twice = again === 0 ? '' : `; ${groupDigits(again)} came twice, as after any crash`
    const text = `group ${group} has read every order that virginia holds${twice}`
    return missed === 0
      ? { good: true, text }
      : { good: false, text: `group ${group} missed ${missed} orders` }
  }
  const here = source === null ? '-' : groupDigits(source)
  const there = destination === null ? 'nowhere' : `at ${groupDigits(destination)}`
  const text = `group ${group} stands at ${here} in seoul and ${there} in virginia`
  return { good: source !== null && source === destination && missed === 0, text }
}

function lossVerdicts(lost: PrimaryLost, audits: StoryResult['audits']): Verdict[] {
  const { writersWaitedMs, fromCommandMs, connections, openedAnew, refused, receipt } = lost
  const since =
    fromCommandMs === null
      ? 'and never went on'
      : `${formatDuration(fromCommandMs)} of it from the command on`
  const waited = `the shop's orders waited ${formatDuration(writersWaitedMs)}, ${since}`
  const errors = refused === 0 ? 'no error' : counted(refused, 'error')
  const kept =
    openedAnew === 0
      ? `its ${connections} connections`
      : `${connections} connections, ${openedAnew} of them new`
  const same = `the shop went on as the same process on ${kept}, and saw ${errors}`
  return [
    { good: fromCommandMs !== null, text: waited },
    { good: true, text: same },
    ...(receipt === null
      ? [{ good: false, text: 'the failover left no receipt' }]
      : receiptVerdicts(receipt, audits)),
  ]
}

function receiptVerdicts(receipt: FailoverReceipt, { orders }: StoryResult['audits']): Verdict[] {
  const { id, from, to, rtoMs, by, lost, partitions, left } = receipt
  const head = `receipt ${id.slice(0, 8)}: ${by.user} moved the route from ${from} to ${to}`
  const rto =
    rtoMs === null ? 'how long nobody was served was not measured' : `not served for ${formatDuration(rtoMs)}`
  const mine = orders.lost.length
  const parts = partitions.filter(({ topic }) => topic === 'orders')
  const told = lost.records === null ? null : parts.reduce((sum, part) => sum + (part.lost.records ?? 0), 0)
  const agrees = told === null ? '' : `; orders: ${told}, by the shop's own count ${mine}`
  return [
    { good: true, text: `${head}; ${rto}` },
    {
      good: told === null || (lost.atLeast === true ? told <= mine : told === mine),
      text: `it says that was lost: ${amountWords(lost)}${agrees}`,
    },
    ...left.map((text) => ({ good: true, text: `still to do, it says: ${text}` })),
  ]
}
