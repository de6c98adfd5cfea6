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

/** Where a resource stands: its path, and its name in Confluent's form. */
export type Place = { readonly path: string; readonly crn: string }

export function clusterPlace(clusterId: string): Place {
  return { path: `/v3/clusters/${clusterId}`, crn: `crn:///kafka=${clusterId}` }
}

/** A place below another: `topics/orders`, named `topic=orders`. Without a name it is the last part of the path. */
export function below({ path, crn }: Place, list: string, name: string | number, kind: string): Place {
  return { path: `${path}/${list}/${encodeURIComponent(name)}`, crn: `${crn}/${kind}=${name}` }
}

export function topicPlace(clusterId: string, topic: string): Place {
  return below(clusterPlace(clusterId), 'topics', topic, 'topic')
}

export function partitionPlace(clusterId: string, topic: string, partition: number): Place {
  return below(topicPlace(clusterId, topic), 'partitions', partition, 'partition')
}

export function brokerPlace(clusterId: string, broker: number): Place {
  return below(clusterPlace(clusterId), 'brokers', broker, 'broker')
}

export function groupPlace(clusterId: string, group: string): Place {
  return below(clusterPlace(clusterId), 'consumer-groups', group, 'consumer-group')
}

export function resource<const Kind extends string, Fields extends object>(
  kind: Kind,
  { path, crn }: Place,
  fields: Fields,
) {
  return { kind, metadata: { self: path, resource_name: crn }, ...fields }
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

/** Kafka's word as Confluent writes it: `PreparingRebalance` and `transactional-id` in capitals. */
export function capitals(word: string): string {
  return word
    .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
    .replaceAll('-', '_')
    .toUpperCase()
}
