import { z } from 'zod'

const PAGE_MAX = 500

/** Without `page_size` a list comes whole, as callers of Confluent's know it. `search` is kmc's own. */
export const pageQuery = z.object({
  page_size: z.coerce.number().int().min(1).max(PAGE_MAX).optional(),
  /** As it stands in `metadata.next` of the page before. */
  page_token: z.string().max(1_024).optional(),
  /** Only names that hold this, upper and lower case alike. */
  search: z.string().max(256).optional(),
  /** Known to callers of Confluent's; nothing is left out without it. */
  include_authorized_operations: z.string().optional(),
})

export type PageQuery = z.infer<typeof pageQuery>

export type Page<Item> = { readonly items: readonly Item[]; readonly next: string | null }

/** A part of a list by name. The token is the last name of the page before, so that a list may change meanwhile. */
export function pageOf<Item>(
  all: readonly Item[],
  nameOf: (item: Item) => string,
  { page_size: size, page_token: token, search }: PageQuery,
  self: string,
): Page<Item> {
  const wanted = search?.toLowerCase() ?? ''
  const named = all
    .map((item) => ({ item, name: nameOf(item) }))
    .filter(({ name }) => name.toLowerCase().includes(wanted))
    .filter(({ name }) => token === undefined || name > token)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  const part = size === undefined ? named : named.slice(0, size)
  const last = part.at(-1)?.name
  const query = new URLSearchParams({ page_size: String(size), page_token: last ?? '' })
  if (search !== undefined) query.set('search', search)
  return {
    items: part.map(({ item }) => item),
    next: part.length < named.length ? `${self}?${query}` : null,
  }
}
