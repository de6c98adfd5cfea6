import { z } from 'zod'

const ROWS_MAX = 500

/** What every list takes: a search in names, an order, and a part of it. */
export function rowsQuery<const Sort extends readonly [string, ...string[]]>(sorts: Sort) {
  return z.object({
    cluster: z.string().max(255).optional().describe('of this cluster alone'),
    search: z.string().max(256).optional().describe('names that hold this, upper and lower case alike'),
    sort: z.enum(sorts).default(sorts[0] as Sort[number]),
    descending: z.stringbool().default(false),
    offset: z.coerce.number().int().min(0).default(0),
    limit: z.coerce.number().int().min(1).max(ROWS_MAX).default(100),
  })
}

/** A part of a list, and how long it is in all. */
export function rowsOf<Row extends z.ZodType>(row: Row) {
  return z.object({ total: z.number(), rows: z.array(row) })
}

export type RowsQuery = {
  readonly search?: string | undefined
  readonly sort: string
  readonly descending: boolean
  readonly offset: number
  readonly limit: number
}

/** By what a list can be ordered; what is not known (null) always comes last. */
export type Sorters<Row> = Readonly<Record<string, (row: Row) => string | number | null>>

/** Names that hold the search, in order; rows are made for the part that is shown alone. */
export function pageOfRows<Item, Row>(
  items: readonly Item[],
  query: RowsQuery,
  { name, sorters, row }: { name: (item: Item) => string; sorters: Sorters<Item>; row: (item: Item) => Row },
): { total: number; rows: Row[] } {
  const wanted = query.search?.toLowerCase()
  const found =
    wanted === undefined ? items : items.filter((item) => name(item).toLowerCase().includes(wanted))
  const by = sorters[query.sort] ?? name
  const keyed = found.map((item) => ({ item, key: by(item), name: name(item) }))
  keyed.sort((a, b) => compareKeys(a.key, b.key, query.descending) || compare(a.name, b.name))
  const part = keyed.slice(query.offset, query.offset + query.limit)
  return { total: found.length, rows: part.map(({ item }) => row(item)) }
}

function compareKeys(a: string | number | null, b: string | number | null, descending: boolean): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1
  return descending ? compare(b, a) : compare(a, b)
}

/** In the order of code units, and of numbers. */
export function compare(a: string | number, b: string | number): number {
  return a < b ? -1 : a > b ? 1 : 0
}
