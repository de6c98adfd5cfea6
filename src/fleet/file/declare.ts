import { defaultKafkaVersion } from '../../engine/kafka/versions.ts'
import { type Priorities, priorityWeights } from '../../link/budget/priority.ts'
import type { StartPoint } from '../../link/spec.ts'
import { excludedOnCycles } from './check/loops.ts'
import { durationMs } from './duration.ts'
import type {
  ClusterDeclaration,
  ExternalClusterDeclaration,
  Fleet,
  LinkDeclaration,
  RouteDeclaration,
  SaslDeclaration,
} from './fleet.ts'
import { isExternal } from './keys.ts'
import { limitOf } from './limit-keys.ts'
import { assignPorts, MANAGED_PORTS_FROM } from './ports.ts'
import { routeSchema } from './route-schema.ts'
import { routeOf } from './routes.ts'
import {
  CLUSTERS_MAX,
  type ExternalClusterKeys,
  externalClusterSchema,
  frameSchema,
  LINKS_MAX,
  type LinkKeys,
  linkSchema,
  type ManagedClusterKeys,
  managedClusterSchema,
  ROUTES_MAX,
} from './schema.ts'
import { checkPart } from './schema-issues.ts'
import { travelOf } from './travel.ts'
import { entriesAt, spotOf, type TreeNode } from './tree.ts'
import type { Finding } from './yaml.ts'

/**
 * What a file declares, with defaults filled in. Parts with problems are left out and reported in `findings`.
 * `rememberedPorts`: the first ports that managed clusters had before.
 */
export function declare(
  root: TreeNode,
  rememberedPorts: Readonly<Record<string, number>>,
  findings: Finding[],
): Fleet {
  const frame = checkPart(frameSchema, withoutEmptySections(root.value), { root, base: [] }, findings)
  // The frame fails as a whole when one name is bad; the parts below are still worth judging.
  const clusterNodes = entriesAt(root, 'clusters')
  const linkNodes = entriesAt(root, 'links')
  const routeNodes = entriesAt(root, 'routes')
  checkCount(root, 'clusters', clusterNodes.size, CLUSTERS_MAX, findings)
  checkCount(root, 'links', linkNodes.size, LINKS_MAX, findings)
  checkCount(root, 'routes', routeNodes.size, ROUTES_MAX, findings)
  const keys = [...clusterNodes].map(([name, node]) => clusterKeys(root, name, node.value, findings))
  const ports = assignPorts(
    keys.flatMap((entry) =>
      entry?.kind === 'managed'
        ? [{ name: entry.name, brokers: entry.keys.brokers, port: entry.keys.port ?? null }]
        : [],
    ),
    rememberedPorts,
  )
  const clusters: Record<string, ClusterDeclaration> = {}
  for (const entry of keys) {
    if (entry === null) continue
    clusters[entry.name] =
      entry.kind === 'external'
        ? externalCluster(entry.name, entry.keys)
        : managedCluster(entry.name, entry.keys, ports.get(entry.name) ?? MANAGED_PORTS_FROM)
  }
  const { metrics, server, alerts } = frame ?? {}
  const routes = declareRoutes(root, routeNodes, clusters, findings)
  const links = declareLinks(root, linkNodes, Object.values(routes), findings)
  const others = {
    ...(metrics !== undefined && { metrics }),
    ...(server !== undefined && { server }),
    ...(alerts !== undefined && { alerts }),
  }
  return { name: frame?.fleet ?? 'fleet', clusters, links, routes, ...others }
}

type Section = 'clusters' | 'links' | 'routes'

function checkCount(root: TreeNode, key: Section, count: number, max: number, findings: Finding[]): void {
  if (count <= max) return
  const message = `a fleet can have at most ${max} ${key}`
  findings.push({ path: [key], span: spotOf(root, [key], 'key'), message })
}

/** `links:` with everything below commented out is YAML's null; it means no links, not a wrong type. */
function withoutEmptySections(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(
    Object.entries(value).filter(
      ([key, section]) => !['links', 'routes', 'server', 'alerts'].includes(key) || section !== null,
    ),
  )
}

type ClusterEntry =
  | { readonly kind: 'managed'; readonly name: string; readonly keys: ManagedClusterKeys }
  | { readonly kind: 'external'; readonly name: string; readonly keys: ExternalClusterKeys }

/** `seoul:` with nothing after it is a managed cluster with every default. */
function clusterKeys(root: TreeNode, name: string, value: unknown, findings: Finding[]): ClusterEntry | null {
  const place = { root, base: ['clusters', name] }
  if (isExternal(value)) {
    const keys = checkPart(externalClusterSchema, value, place, findings)
    return keys === null ? null : { kind: 'external', name, keys }
  }
  const keys = checkPart(managedClusterSchema, value ?? {}, place, findings)
  return keys === null ? null : { kind: 'managed', name, keys }
}

function managedCluster(name: string, keys: ManagedClusterKeys, port: number): ClusterDeclaration {
  return {
    kind: 'managed',
    name,
    region: keys.region ?? null,
    brokers: keys.brokers,
    kafka: keys.home === undefined ? { version: keys.kafka ?? defaultKafkaVersion } : { home: keys.home },
    port,
    security: keys.security,
    config: Object.fromEntries(Object.entries(keys.config).map(([key, value]) => [key, String(value)])),
    heapMiB: keys.heap ?? null,
  }
}

function externalCluster(name: string, keys: ExternalClusterKeys): ExternalClusterDeclaration {
  const { tls, sasl } = keys
  return {
    kind: 'external',
    name,
    region: keys.region ?? null,
    bootstrap: keys.bootstrap,
    tls:
      tls === undefined
        ? null
        : {
            ca: tls.ca ?? null,
            certificate: tls.certificate ?? null,
            key: tls.key ?? null,
            keyPassword: tls.keyPassword ?? null,
            serverName: tls.serverName ?? null,
          },
    sasl: sasl === undefined ? null : (sasl satisfies SaslDeclaration),
    clusterId: keys.clusterId ?? null,
  }
}

function declareRoutes(
  root: TreeNode,
  nodes: ReadonlyMap<string, TreeNode>,
  clusters: Readonly<Record<string, ClusterDeclaration>>,
  findings: Finding[],
): Record<string, RouteDeclaration> {
  const routes: Record<string, RouteDeclaration> = {}
  for (const [name, node] of nodes) {
    const place = { root, base: ['routes', name] }
    const keys = checkPart(routeSchema, node.value ?? {}, place, findings)
    if (keys !== null) routes[name] = routeOf(name, keys, clusters)
  }
  return routes
}

function declareLinks(
  root: TreeNode,
  nodes: ReadonlyMap<string, TreeNode>,
  routes: readonly RouteDeclaration[],
  findings: Finding[],
): Record<string, LinkDeclaration> {
  const links: LinkDeclaration[] = []
  for (const [name, node] of nodes) {
    const keys = checkPart(linkSchema, node.value ?? {}, { root, base: ['links', name] }, findings)
    if (keys !== null) links.push(linkOf(name, keys, routes))
  }
  const excluded = excludedOnCycles(links)
  return Object.fromEntries(
    links.map((link) => [link.name, { ...link, excluded: excluded.get(link.name) ?? [] }]),
  )
}

/** Clients of a route keep their producer ids when they move, so both clusters must not give out the same ones. */
const ROUTE_PRODUCER_IDS_FROM = 200_000

function linkOf(name: string, keys: LinkKeys, routes: readonly RouteDeclaration[]): LinkDeclaration {
  const { from, to, engine, topics, groups, prefix, workers } = keys
  const isOfRoute = routes.some(({ primary, standby }) => primary === from && standby === to)
  const producerIdsFrom = keys.producerIdsFrom ?? (isOfRoute ? ROUTE_PRODUCER_IDS_FROM : 0)
  const travel = travelOf(keys)
  return {
    ...{ name, from, to, engine, topics, excluded: [], groups, prefix, start: startOf(keys.start) },
    ...{ workers, producerIdsFrom },
    ...(keys.rpo !== undefined && { rpoMs: durationMs(keys.rpo) }),
    ...(travel !== undefined && { travel }),
    ...(keys.limit !== undefined && { limit: limitOf(keys.limit) }),
    ...(keys.priority !== undefined && { priority: prioritiesOf(keys.priority) }),
  }
}

/** Names in full come before globs, so that the order of the file decides between globs only. */
function prioritiesOf(keys: NonNullable<LinkKeys['priority']>): Priorities {
  const entries = Object.entries(keys).map(([topics, word]) => ({
    topics,
    weight: typeof word === 'number' ? word : priorityWeights[word],
  }))
  const isGlob = ({ topics }: { topics: string }) => /[*?]/.test(topics)
  return [...entries.filter((entry) => !isGlob(entry)), ...entries.filter(isGlob)]
}

function startOf(start: LinkKeys['start']): StartPoint {
  if (typeof start === 'object') return { at: 'offsets', offsets: start.offsets }
  if (start === 'earliest' || start === 'latest') return { at: start }
  return { at: 'time', timestampMs: Date.parse(start) }
}
