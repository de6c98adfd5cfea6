import { z } from 'zod'

/** A reference to another resource, as Confluent's REST Proxy v3 writes it. Paths, where that writes whole URLs. */
export const linkSchema = z.object({ related: z.string() })

export function link(related: string): z.infer<typeof linkSchema> {
  return { related }
}

const metadata = z.object({ self: z.string(), resource_name: z.string() })

/** The schema of one resource: `kind`, `metadata`, and fields of its own. */
export function resourceOf<const Kind extends string, Fields extends z.ZodRawShape>(
  kind: Kind,
  fields: Fields,
) {
  return z.object({ kind: z.literal(kind), metadata, ...fields })
}

/** The schema of a list of resources. `next`: the path of the next page, null on the last. */
export function collectionOf<const Kind extends string, Item extends z.ZodType>(kind: Kind, item: Item) {
  return z.object({
    kind: z.literal(kind),
    metadata: z.object({ self: z.string(), next: z.string().nullable() }),
    data: z.array(item),
  })
}

export function collection<const Kind extends string, Item>(
  kind: Kind,
  self: string,
  data: readonly Item[],
  next: string | null = null,
) {
  return { kind, metadata: { self, next }, data: [...data] }
}
