import type { ReceiptRecord } from '../../link/state/intents.ts'
import { fenceText } from '../fence/report.ts'
import { listed } from '../plan/words.ts'
import type { FailoverReceipt } from './receipt.ts'
import type { Receipt } from './store.ts'

/** A receipt as a page for those who ask afterwards: who, when, what it cost, what was checked, what is left. */
export function receiptMarkdown(one: Receipt): string {
  return one.of === 'route' ? failoverPage(one.receipt) : mirrorPage(one.receipt)
}

function failoverPage(receipt: FailoverReceipt): string {
  const { route, kind, from, to, outcome, verification, left, rtoMs } = receipt
  const head = table(
    ['', ''],
    [
      ['who', `${receipt.by.user}@${receipt.by.host}`],
      ['when', `${instant(receipt.startedAt)} to ${instant(receipt.endedAt)}`],
      ['outcome', outcome],
      ['plan', receipt.plan ?? 'none'],
      ['lost (RPO)', amountWords(receipt.lost)],
      ['not served (RTO)', rtoMs === null ? 'not measured' : `${rtoMs} ms`],
      ['fence', receipt.fence === null ? 'not tried' : fenceText(receipt.fence)],
      ['verification', verification === null ? 'not done' : verification.text],
    ],
  )
  const parts = [
    `# Receipt ${receipt.id}\n\n${route}: ${kind} from ${from} to ${to}`,
    head,
    section('Steps', ['step', 'began', 'ms', 'note'], receipt.steps.map(stepRow)),
    section('Partitions', ['partition', 'end as last seen', 'goes on at', 'lost'], partitionRows(receipt)),
    section('Groups', ['group', 'positions', 'read again', ''], receipt.groups.map(groupRow)),
    section(
      'Writers that did not come through the route',
      ['partition', 'producer', 'offsets'],
      writerRows(receipt),
    ),
    ...(left.length === 0 ? [] : [`## Left to do\n\n${left.map((text) => `- ${text}`).join('\n')}`]),
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

function mirrorPage({ id, link, topic, mirror, verb, by, doneAt, text, partitions }: ReceiptRecord): string {
  const head = table(
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
  const list = section('Partitions', ['partition', 'from', 'to', 'end of the source'], rows)
  return `${[`# Receipt ${id}\n\n${mirror}: ${text}`, head, list].filter((part) => part !== '').join('\n\n')}\n`
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

/** `1,204 records, about 1,300,000 bytes, 2.1 s`. */
export function amountWords({ records, bytes, seconds, atLeast }: FailoverReceipt['lost']): string {
  if (records === null) return 'not known'
  if (records === 0) return atLeast ? 'nothing that is known of' : 'nothing'
  const parts = [
    `${atLeast ? 'at least ' : ''}${records.toLocaleString('en-US')} records`,
    ...(bytes === null ? [] : [`about ${bytes.toLocaleString('en-US')} bytes`]),
    ...(seconds === null ? [] : [`${seconds.toFixed(1)} s`]),
  ]
  return parts.join(', ')
}

function section(title: string, columns: readonly string[], rows: readonly (readonly string[])[]): string {
  return rows.length === 0 ? '' : `## ${title}\n\n${table(columns, rows)}`
}

function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`
  return [line(columns), `|${columns.map(() => '---|').join('')}`, ...rows.map(line)].join('\n')
}

/** What would end a cell, or begin markup, is taken as text. */
function cell(text: string): string {
  return text.replace(/[\\|<>`*_[\]]/g, '\\$&').replace(/\s*\n\s*/g, ' ')
}

function instant(at: number): string {
  return new Date(at).toISOString()
}
