import { z } from 'zod'
import { HEAP_MIB_DEFAULT } from '../../engine/kafka/spec.ts'
import { alertsSchema } from './alert-schema.ts'
import { durationSchema } from './duration.ts'
import { limitSchema } from './limit-keys.ts'
import { routeSchema } from './route-schema.ts'
import { serverSchema } from './server-schema.ts'
import { nearest } from './suggest.ts'
import { travelKeys } from './travel-schema.ts'
import { fileReference, nameSchema, PORT_MAX, PORT_MIN, secretReference } from './word-schemas.ts'

/** Limits of the file. They keep mistakes small; none is a limit of Kafka. */
const BROKERS_MAX = 32
const HEAP_MIB_MIN = 96
const HEAP_MIB_MAX = 1_048_576
const PATTERNS_MAX = 200
export const CLUSTERS_MAX = 200
export const LINKS_MAX = 500
export const ROUTES_MAX = 100
/** Threads of one process; beyond the cores of a machine they only cost. */
const WORKERS_MAX = 64
/** 11,500 ids a second are thrown away, so this many take three minutes. */
const PRODUCER_IDS_MAX = 2_000_000
export const METRICS_PORT = 8_687

/** What each key means; `defaultText` is for the reference page where no literal default exists. */
type KeyMeta = { description: string; defaultText?: string; examples?: unknown[] }

const keyed = <T extends z.ZodType>(schema: T, meta: KeyMeta): T => schema.meta(meta)

/** Kafka's `Topic.LEGAL_CHARS`, with the wildcards of patterns and a leading `!`. */
const topicPattern = z
  .string()
  .regex(/^!?[A-Za-z0-9._*?-]{1,249}$/, 'a topic pattern is letters, digits, . _ - and the wildcards * and ?')
const groupPattern = z.string().regex(/^!?[^\p{Cc}]{1,255}$/u, 'a group pattern is 1 to 255 characters')
const topicName = z.string().regex(/^[A-Za-z0-9._-]{1,249}$/, 'a topic name is letters, digits, . _ and -')

const region = keyed(
  z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,47}$/, 'a region is letters, digits, . _ and -')
    .optional(),
  { description: 'Where the cluster stands. A label for people and, later, for residency rules.' },
)

export const managedClusterSchema = z
  .strictObject({
    region,
    brokers: keyed(z.int().min(1, 'a cluster has at least 1 broker').max(BROKERS_MAX).default(1), {
      description: 'How many brokers kmc runs for this cluster, the first three also controllers (KRaft).',
    }),
    kafka: keyed(
      z
        .string({ error: 'write a version with three parts, such as 4.3.1' })
        .regex(/^\d+\.\d+\.\d+$/, 'write a version with three parts, such as 4.3.1')
        .optional(),
      {
        description: 'Apache Kafka version; its jars are fetched by Maven.',
        defaultText: 'the newest known',
      },
    ),
    home: keyed(z.string().min(1, 'write the path of an unpacked Kafka').optional(), {
      description:
        'Folder of an unpacked Apache Kafka to run instead of fetching one; relative to this file.',
    }),
    port: keyed(
      z
        .int()
        .min(PORT_MIN)
        .max(PORT_MAX - 2 * BROKERS_MAX)
        .optional(),
      {
        description:
          'First port of the cluster, on 127.0.0.1. From here on the first start takes one for the clients of each broker and one for each of up to three controllers, leaving out ports in use; then they are kept.',
        defaultText: 'the first free block of ten from 19092',
      },
    ),
    security: keyed(z.boolean().default(false), {
      description: 'SASL_SSL, an authorizer, and certificates and passwords that kmc makes for this cluster.',
    }),
    config: keyed(
      z
        .record(
          z
            .string()
            .regex(/^[A-Za-z][A-Za-z0-9._-]{0,127}$/, 'a broker setting is named like log.retention.hours'),
          z.union([z.string(), z.number(), z.boolean()]),
        )
        .default({}),
      { description: 'Broker settings by their Kafka names, for every broker of the cluster.' },
    ),
    heap: keyed(z.int().min(HEAP_MIB_MIN).max(HEAP_MIB_MAX).optional(), {
      description: 'Java heap of each broker, in MiB.',
      defaultText: String(HEAP_MIB_DEFAULT),
    }),
  })
  .meta({ title: 'A cluster that kmc runs on this machine' })

export const tlsSchema = z.strictObject({
  ca: keyed(fileReference.optional(), {
    description: 'Certificates (PEM) to trust.',
    defaultText: 'the public ones that Node.js trusts',
  }),
  certificate: keyed(fileReference.optional(), { description: 'Client certificate (PEM), for mutual TLS.' }),
  key: keyed(secretReference.optional(), {
    description: 'Private key (PEM) of the client certificate. A file must be readable for its owner alone.',
  }),
  keyPassword: keyed(secretReference.optional(), { description: 'Password of the private key.' }),
  serverName: keyed(z.string().min(1).max(253).optional(), {
    description: 'Name that the certificate must carry, where it differs from the host in `bootstrap`.',
    defaultText: 'the host',
  }),
})

const sharedSecretSchema = (mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512') =>
  z.strictObject({
    mechanism: keyed(z.literal(mechanism), { description: 'How kmc signs in.' }),
    username: keyed(z.string().min(1).max(255), { description: 'User name.' }),
    password: keyed(secretReference, { description: 'Password: env:NAME, or file:path (mode 0600).' }),
  })
const bearerSchema = z.strictObject({
  mechanism: keyed(z.literal('OAUTHBEARER'), { description: 'How kmc signs in.' }),
  token: keyed(secretReference, { description: 'Bearer token: env:NAME, or file:path (mode 0600).' }),
})
export const saslSchemas = [
  sharedSecretSchema('PLAIN'),
  sharedSecretSchema('SCRAM-SHA-256'),
  sharedSecretSchema('SCRAM-SHA-512'),
  bearerSchema,
] as const
const saslSchema = z.discriminatedUnion('mechanism', saslSchemas)

/** `host:port`; IPv6 in brackets. */
const address = z
  .string()
  .regex(/^([A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\]):\d{1,5}$/, {
    error: 'an address is host:port',
    abort: true,
  })
  .refine((text) => portOf(text) >= 1 && portOf(text) <= PORT_MAX, 'a port is 1 to 65535')

function portOf(address: string): number {
  return Number(address.slice(address.lastIndexOf(':') + 1))
}

export const externalClusterSchema = z
  .strictObject({
    region,
    bootstrap: keyed(z.array(address).min(1, 'at least one host:port').max(100), {
      description: 'Addresses (host:port) to find the cluster by, tried in turn.',
      examples: [['kafka-1.tokyo.example:9093', 'kafka-2.tokyo.example:9093']],
    }),
    tls: keyed(tlsSchema.optional(), {
      description: 'TLS towards the cluster; `{}` trusts the public ones that Node.js trusts.',
      defaultText: 'no TLS',
    }),
    sasl: keyed(saslSchema.optional(), { description: 'Sign-in.', defaultText: 'no sign-in' }),
    clusterId: keyed(
      z
        .string()
        .regex(/^[A-Za-z0-9_-]{1,64}$/, 'a cluster id is letters, digits, - and _')
        .optional(),
      {
        description: 'The id this cluster must have; another cluster behind the address is then an error.',
        defaultText: 'the id seen first',
      },
    ),
  })
  .meta({ title: 'A cluster that runs elsewhere' })

const startOffsets = z.strictObject({
  offsets: keyed(z.record(topicName, z.array(z.int().min(0)).min(1)), {
    description: 'For each topic, the first offset to copy of partition 0, 1, …',
    examples: [{ orders: [1200, 980, 1101] }],
  }),
})
const startRule =
  'write earliest, latest, a time with its zone such as 2026-03-31T00:00:00Z, or { offsets: { topic: [0, 0] } }'

function startMessage({ input }: { readonly input?: unknown }): string {
  const near = typeof input === 'string' ? nearest(input, ['earliest', 'latest']) : null
  return near === null ? startRule : `${startRule}; did you mean ${near}?`
}

const startSchema = z.union(
  [z.enum(['earliest', 'latest']), z.iso.datetime({ offset: true, error: startMessage }), startOffsets],
  { error: startMessage },
)

const weightRule = 'write high, normal or low, or a weight from 1 to 64'
const WEIGHT_MAX = 64
const prioritySchema = z.record(
  z
    .string()
    .regex(
      /^[A-Za-z0-9._*?-]{1,249}$/,
      'a priority goes by a topic or a glob; what no pattern names is normal',
    ),
  z.union([z.enum(['high', 'normal', 'low']), z.int().min(1).max(WEIGHT_MAX)], { error: weightRule }),
)

export const linkSchema = z
  .strictObject({
    from: keyed(nameSchema, { description: 'The source cluster.' }),
    to: keyed(nameSchema, { description: 'The destination cluster, where the mirrors are kept.' }),
    engine: keyed(
      z
        .enum(['exact'], {
          error: (issue) =>
            issue.input === 'mirrormaker'
              ? 'mirrormaker is not in this version of kmc; leave `engine` out for an exact link'
              : undefined,
        })
        .default('exact'),
      {
        description: 'How records travel: `exact` keeps every record at its offset.',
      },
    ),
    topics: keyed(z.array(topicPattern).min(1, 'at least one pattern').max(PATTERNS_MAX).default(['*']), {
      description:
        'Topics to mirror: names and globs (`*`, `?`); a leading `!` excludes and always wins. Internal topics (`__…`) need to be named in full.',
      examples: [['*'], ['orders', 'pay.*', '!pay.test.*']],
    }),
    groups: keyed(z.array(groupPattern).max(PATTERNS_MAX).default(['*']), {
      description: 'Consumer groups whose positions are kept in step, in the same words; `[]` for none.',
    }),
    prefix: keyed(
      z
        .string()
        .regex(/^[A-Za-z0-9._-]{0,100}$/, 'a prefix is letters, digits, . _ and -')
        .refine(
          (prefix) => !prefix.startsWith('__'),
          'a prefix cannot begin with __, which marks internal topics',
        )
        .default(''),
      { description: 'Put before the name of each mirror; empty keeps the name.' },
    ),
    start: keyed(startSchema.default('earliest'), {
      description:
        'Where a mirror that does not exist yet begins: `earliest`, `latest`, a time such as 2026-03-31T00:00:00Z, or given offsets. Mirrors that exist stay where they are.',
      examples: ['latest', '2026-03-31T00:00:00Z', { offsets: { orders: [1200, 980, 1101] } }],
    }),
    ...travelKeys,
    limit: keyed(limitSchema.optional(), {
      description:
        'How many bytes of records a second the link takes from its source: a rate such as `20 MiB/s` or `100 Mbit/s`, or rates by hour and day.',
      defaultText: '`unlimited`',
      examples: [
        '20 MiB/s',
        {
          default: '50 MiB/s',
          hours: [{ from: '08:00', to: '20:00', days: 'mon-fri', rate: '10 MiB/s' }],
          zone: 'Asia/Seoul',
        },
      ],
    }),
    priority: keyed(prioritySchema.optional(), {
      description:
        'Which topics go first where the limit or memory is short: `high`, `normal`, `low` (16 to 4 to 1 parts) or a weight from 1 to 64, by topic or glob.',
      defaultText: 'every topic is `normal`',
      examples: [{ 'orders.*': 'high', 'logs.*': 'low' }],
    }),
    rpo: keyed(durationSchema.optional(), {
      description:
        'How much a failover may lose, as a time of writing (30s, 5m): an alert tells when the link is further behind.',
      defaultText: '`1m`',
    }),
    producerIdsFrom: keyed(z.int().min(0).max(PRODUCER_IDS_MAX).optional(), {
      description:
        'Lets the destination hand out producer ids only from this number on, once: for clients that move over from the source while they run. 0 leaves them. Choose more than the source has given out.',
      defaultText: '`0`; `200000` where a route joins the two clusters',
    }),
    workers: keyed(z.int().min(1).max(WORKERS_MAX).default(1), {
      description:
        'Workers in each process that runs the link. More than one uses more cores; the partitions are shared among all workers, wherever they run.',
    }),
  })
  .meta({ title: 'A link' })

const metricsSchema = z.strictObject({
  port: keyed(z.int().min(0).max(PORT_MAX).default(METRICS_PORT), {
    description: 'Port of /metrics, /healthz and /readyz while the fleet runs; 0 for none.',
  }),
  listen: keyed(
    z
      .string()
      .regex(/^[0-9a-zA-Z.:-]{1,253}$/, 'write an address of this machine, such as 127.0.0.1 or 0.0.0.0')
      .default('127.0.0.1'),
    {
      description:
        'Address to listen at. Beyond this machine anybody who reaches the port can read names of clusters, links and topics.',
    },
  ),
  partitions: keyed(z.boolean().default(true), {
    description: 'Whether each partition has series of its own (at most 4,000 in all).',
  }),
})

const clusterSchema = z.union([managedClusterSchema, externalClusterSchema])

/** The whole file: what an editor is told, and what the reference page is made from. */
export const fleetSchema = z.strictObject({
  fleet: keyed(nameSchema.default('fleet'), { description: 'Name of the fleet.' }),
  clusters: keyed(z.record(nameSchema, clusterSchema), {
    description:
      'The clusters, by name. With `bootstrap` a cluster runs elsewhere; without it kmc runs it here.',
  }),
  links: keyed(z.record(nameSchema, linkSchema).default({}), { description: 'The links, by name.' }),
  routes: keyed(z.record(nameSchema, routeSchema).default({}), {
    description: 'The routes, by name: addresses at which clients find whichever of two clusters serves.',
  }),
  metrics: keyed(metricsSchema.optional(), {
    description:
      'A port of its own for metrics, open to whoever reaches it. The server at 8686 tells them to those who sign in.',
    defaultText: 'none',
  }),
  server: keyed(serverSchema.optional(), {
    description:
      'The server that people and programs see: where it listens, who may come in, and what they may do.',
    defaultText: 'this machine alone, by the link that `kmc up` prints',
  }),
  alerts: keyed(alertsSchema.optional(), {
    description: 'Who is told when something is wrong (docs/guide/alerts.md).',
    defaultText: 'the console alone, by the rules that come with kmc',
  }),
})

/** The frame alone: clusters and links are judged one by one, so that each gets the errors of its own kind. */
export const frameSchema = z.strictObject({
  fleet: fleetSchema.shape.fleet,
  clusters: z.record(nameSchema, z.unknown()),
  links: z.record(nameSchema, z.unknown()).default({}),
  routes: z.record(nameSchema, z.unknown()).default({}),
  metrics: fleetSchema.shape.metrics,
  server: fleetSchema.shape.server,
  alerts: fleetSchema.shape.alerts,
})

export type ManagedClusterKeys = z.output<typeof managedClusterSchema>
export type ExternalClusterKeys = z.output<typeof externalClusterSchema>
export const metricsKeys: readonly string[] = Object.keys(metricsSchema.shape)
export type MetricsDeclaration = z.output<typeof metricsSchema>
export type LinkKeys = z.output<typeof linkSchema>
/** The file as somebody may write it. */
export type FleetFile = z.input<typeof fleetSchema>
