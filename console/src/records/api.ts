import type { ShownRecord } from '../../../src/observe/records/shown.ts'
import { path } from '../api/http.ts'

export type RecordPage = {
  readonly records: readonly ShownRecord[]
  /** `full`: as many as asked for; `all`: nothing is left; `budget`: enough was searched for one page. */
  readonly end: 'full' | 'all' | 'budget'
  readonly next: string | null
  readonly scanned: { readonly records: number; readonly bytes: number }
}

/** What of a topic is looked at. */
export type Question = {
  readonly order: 'newest' | 'oldest'
  /** beginning, end, an offset, -N or @ms; '' leaves it to the order. */
  readonly from: string
  readonly partitions: string
  readonly filter: string
  readonly isTail: boolean
}

export const firstQuestion: Question = {
  order: 'newest',
  from: '',
  partitions: '',
  filter: '',
  isTail: false,
}

export const recordsPath = (cluster: string, topic: string): string =>
  path`/api/clusters/${cluster}/topics/${topic}/records`

export function recordPath(cluster: string, topic: string, { partition, offset }: ShownRecord): string {
  return path`/api/clusters/${cluster}/topics/${topic}/partitions/${partition}/records/${offset}`
}

export function pageQuery({ order, from, partitions, filter }: Question, cursor: string | null): string {
  const words = {
    order,
    ...said({ from, partition: partitions, filter }),
    ...(cursor === null ? {} : { cursor }),
  }
  return new URLSearchParams(words).toString()
}

export function tailQuery({ partitions, filter }: Question): string {
  return new URLSearchParams(said({ partition: partitions, filter })).toString()
}

function said(words: Readonly<Record<string, string>>): Record<string, string> {
  const trimmed = Object.entries(words).map(([name, text]) => [name, text.trim()] as const)
  return Object.fromEntries(trimmed.filter(([, text]) => text !== ''))
}
