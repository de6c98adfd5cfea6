import type { ReceiptRecord } from '../../link/state/intents.ts'
import {
  amountWords,
  markdownList,
  markdownPage,
  markdownSection,
  markdownTable,
  markdownText,
} from '../markdown.ts'
import { listed } from '../plan/words.ts'
import type { FailoverReceipt } from './receipt.ts'
import type { Receipt } from './store.ts'

/** A receipt as a page for those who ask afterwards: who, when, what it cost, what was checked, what is left. */
export function receiptMarkdown(one: Receipt): string {
  return one.of === 'route' ? failoverPage(one.receipt) : mirrorPage(one.receipt)
}

function failoverPage(receipt: FailoverReceipt): string {
  const { route, kind, from, to, outcome, verification, left, rtoMs } = receipt
  const head = markdownTable(
    ['', ''],
    [
      ['who', `${receipt.by.user}@${receipt.by.host}`],
      ['when', `${instant(receipt.startedAt)} to ${instant(receipt.endedAt)}`],
      ['outcome', outcome],
      ['plan', receipt.plan ?? 'none'],
      ['lost (RPO)', amountWords(receipt.lost)],
      ['not served (RTO)', rtoMs === null ? 'not measured' : `${rtoMs} ms`],
      ['verification', verification === null ? 'not done' : verification.text],
    ],
  )
  const parts = [
    `# Receipt ${receipt.id}\n\n${markdownText(`${route}: ${kind} from ${from} to ${to}`)}`,
    head,
    markdownSection('Steps', ['step', 'began', 'ms', 'note'], receipt.steps.map(stepRow)),
    markdownSection(
      'Partitions',
      ['partition', 'end as last seen', 'goes on at', 'lost'],
      partitionRows(receipt),
    ),
    markdownSection('Groups', ['group', 'positions', 'read again', ''], receipt.groups.map(groupRow)),
    markdownSection(
      'Writers that did not come through the route',
      ['partition', 'producer', 'offsets'],
      writerRows(receipt),
    ),
    markdownList('Left to do', left),
  ]
  return markdownPage(parts)
}

function mirrorPage({ id, link, topic, mirror, verb, by, doneAt, text, partitions }: ReceiptRecord): string {
  const head = markdownTable(
    ['', ''],
    [
      ['who', `${by.user}@${by.host}`],
      ['when', instant(doneAt)],
      ['link', link],
      ['what', verb],
    ],
  )
  const rows = partitions.map(({ partition, from, to, sourceEnd }) => [
    `${topic}-${partition}`,
    String(from),
    String(to),
    sourceEnd === null ? 'not known' : String(sourceEnd),
  ])
  const list = markdownSection('Partitions', ['partition', 'from', 'to', 'end of the source'], rows)
  return markdownPage([`# Receipt ${id}\n\n${markdownText(`${mirror}: ${text}`)}`, head, list])
}

function stepRow({ name, startedAt, endedAt, note }: FailoverReceipt['steps'][number]): string[] {
  const took = endedAt === null ? 'not ended' : String(Math.round(endedAt - startedAt))
  return [name, instant(startedAt), took, note ?? '']
}

function partitionRows({ partitions, partitionsInAll }: FailoverReceipt): string[][] {
  const rows = partitions.map(({ topic, partition, sourceEnd, continuedAt, lost }) => [
    `${topic}-${partition}`,
    sourceEnd === null ? 'not known' : String(sourceEnd),
    String(continuedAt),
    amountWords(lost),
  ])
  const more = partitionsInAll - partitions.length
  return more > 0 ? [...rows, [`${more} more`, '', '', 'nothing']] : rows
}

function groupRow({ group, positions, reRead, text }: FailoverReceipt['groups'][number]): string[] {
  return [group, String(positions), reRead === null ? 'not known' : String(reRead), text]
}

function writerRows({ directWriters }: FailoverReceipt): string[][] {
  return directWriters.map(({ topic, partition, producerId, transactionalId, grownBy }) => {
    const who =
      producerId === null
        ? 'without an id'
        : listed([String(producerId), ...(transactionalId ? [transactionalId] : [])])
    return [`${topic}-${partition}`, who, String(grownBy)]
  })
}

function instant(at: number): string {
  return new Date(at).toISOString()
}
