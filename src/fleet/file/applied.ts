import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { messageOf } from '../../base/error.ts'
import { readIfPresent, writeDurably } from '../../engine/durable-file.ts'
import { linkLimitRecord, prioritiesRecord } from '../../link/state/records.ts'
import { travelSchema } from '../../link/travel/options.ts'
import { fleetError } from '../errors.ts'
import type { ClusterDeclaration, LinkDeclaration, RouteDeclaration } from './fleet.ts'

/**
 * What was applied last, in `.kmc/fleet.json`: it is how a cluster or link that was taken out of the file is noticed,
 * and how managed clusters keep their ports. It holds declarations only, so no secrets; when it is lost nothing breaks,
 * but removals made since then go unnoticed.
 */
export type AppliedFleet = {
  readonly format: 1
  readonly fleet: string
  readonly appliedAt: number
  /** `clusterId` is the id that was seen when it was applied; null when it was not known. */
  readonly clusters: Readonly<
    Record<string, { readonly declaration: ClusterDeclaration; readonly clusterId: string | null }>
  >
  readonly links: Readonly<Record<string, LinkDeclaration>>
  /** Left out by versions that knew none. */
  readonly routes?: Readonly<Record<string, RouteDeclaration>> | undefined
  /** Links that left the file while their destination did not answer: it still has to be told. */
  readonly leaving?: Readonly<Record<string, LinkDeclaration>> | undefined
}

const managed = z.object({
  kind: z.literal('managed'),
  name: z.string(),
  region: z.string().nullable(),
  brokers: z.int(),
  kafka: z.union([z.object({ version: z.string() }), z.object({ home: z.string() })]),
  port: z.int(),
  security: z.boolean(),
  config: z.record(z.string(), z.string()),
  heapMiB: z.int().nullable(),
})
const tls = z.object({
  ca: z.string().nullable(),
  certificate: z.string().nullable(),
  key: z.string().nullable(),
  keyPassword: z.string().nullable(),
  serverName: z.string().nullable(),
})
const sasl = z.discriminatedUnion('mechanism', [
  z.object({
    mechanism: z.enum(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512']),
    username: z.string(),
    password: z.string(),
  }),
  z.object({ mechanism: z.literal('OAUTHBEARER'), token: z.string() }),
])
const external = z.object({
  kind: z.literal('external'),
  name: z.string(),
  region: z.string().nullable(),
  bootstrap: z.array(z.string()),
  tls: tls.nullable(),
  sasl: sasl.nullable(),
  clusterId: z.string().nullable(),
})
const start = z.discriminatedUnion('at', [
  z.object({ at: z.enum(['earliest', 'latest']) }),
  z.object({ at: z.literal('time'), timestampMs: z.int() }),
  z.object({ at: z.literal('offsets'), offsets: z.record(z.string(), z.array(z.int())) }),
])
const link = z.object({
  name: z.string(),
  from: z.string(),
  to: z.string(),
  engine: z.literal('exact'),
  topics: z.array(z.string()),
  excluded: z.array(z.string()),
  groups: z.array(z.string()),
  prefix: z.string(),
  start,
  travel: travelSchema.optional(),
  limit: linkLimitRecord.optional(),
  priority: prioritiesRecord.optional(),
  workers: z.int().default(1),
  producerIdsFrom: z.int().default(0),
  rpoMs: z.int().optional(),
})
const clusterDeclarationSchema: z.ZodType<ClusterDeclaration> = z.discriminatedUnion('kind', [
  managed,
  external,
])
const linkDeclarationSchema: z.ZodType<LinkDeclaration> = link

const mechanism = z.enum(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'])
const user = z.object({
  password: z.string(),
  as: z.object({ mechanism, username: z.string(), password: z.string() }).nullable(),
})
const routeDeclarationSchema: z.ZodType<RouteDeclaration> = z.object({
  name: z.string(),
  port: z.int(),
  slots: z.int(),
  primary: z.string(),
  standby: z.string(),
  listen: z.string(),
  advertised: z.string(),
  tls: z
    .object({
      certificate: z.string(),
      key: z.string(),
      keyPassword: z.string().nullable(),
      clientCa: z.string().nullable(),
    })
    .nullable(),
  sasl: z.object({ mechanisms: z.array(mechanism), users: z.record(z.string(), user) }).nullable(),
  limits: z.object({
    connections: z.int().optional(),
    parkedBytes: z.int().optional(),
    frameBytes: z.int().optional(),
  }),
  standbyLost: z.enum(['serve', 'hold']),
})

const appliedSchema: z.ZodType<AppliedFleet> = z.object({
  format: z.literal(1),
  fleet: z.string(),
  appliedAt: z.number(),
  clusters: z.record(
    z.string(),
    z.object({ declaration: clusterDeclarationSchema, clusterId: z.string().nullable() }),
  ),
  links: z.record(z.string(), linkDeclarationSchema),
  routes: z.record(z.string(), routeDeclarationSchema).optional(),
  leaving: z.record(z.string(), linkDeclarationSchema).optional(),
})

/** Where the record stands for the fleet file of this folder. */
export function appliedFile(fleetDirectory: string): string {
  return join(fleetDirectory, '.kmc', 'fleet.json')
}

/** The record, or null when nothing was applied yet. @throws FLEET_RECORD_INVALID */
export async function readApplied(fleetDirectory: string): Promise<AppliedFleet | null> {
  const path = appliedFile(fleetDirectory)
  const text = await readIfPresent(path)
  if (text === undefined) return null
  try {
    return appliedSchema.parse(JSON.parse(text))
  } catch (cause) {
    const why =
      cause instanceof z.ZodError
        ? `${cause.issues.length} values are not as kmc writes them`
        : messageOf(cause)
    throw fleetError('FLEET_RECORD_INVALID', `${path} cannot be read: ${why}`, {
      cause,
      context: { file: path },
    })
  }
}

export async function writeApplied(fleetDirectory: string, applied: AppliedFleet): Promise<void> {
  const path = appliedFile(fleetDirectory)
  await mkdir(dirname(path), { recursive: true })
  await writeDurably(path, `${JSON.stringify(applied, null, 2)}\n`)
}

/** The first ports that managed clusters had, for `loadFleet`. */
export function rememberedPorts(applied: AppliedFleet | null): Record<string, number> {
  const ports: Record<string, number> = {}
  for (const [name, { declaration }] of Object.entries(applied?.clusters ?? {})) {
    if (declaration.kind === 'managed') ports[name] = declaration.port
  }
  return ports
}
