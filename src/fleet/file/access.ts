import type { Secret } from '../../base/secret.ts'
import type { ClusterConfig, SaslConfig, TlsConfig } from '../../client/config.ts'
import type { LinkSpec } from '../../link/spec.ts'
import { fleetError } from '../errors.ts'
import { takenTopics } from './check/topics.ts'
import type { ExternalClusterDeclaration, LinkDeclaration } from './fleet.ts'
import { passwordReferences, type ReferenceSource, referencesOf, resolveReference } from './references.ts'
import { pathText } from './tree.ts'

/**
 * How to reach an external cluster, with its secrets looked up now (so that a changed file or variable counts).
 * @throws SECRET_UNAVAILABLE naming the key and what to do
 */
export async function externalClusterConfig(
  cluster: ExternalClusterDeclaration,
  source: ReferenceSource,
): Promise<ClusterConfig> {
  const found = new Map<string, Secret>()
  for (const { path, reference, kind } of referencesOf(cluster)) {
    const resolved = await resolveReference(reference, kind, source)
    if (!resolved.ok) {
      throw fleetError('SECRET_UNAVAILABLE', `${pathText(path)}: ${resolved.reason}`, {
        context: { cluster: cluster.name, path: pathText(path) },
      })
    }
    found.set(path.slice(2).join('.'), resolved.secret)
  }
  const tls = tlsConfig(cluster, found)
  const sasl = saslConfig(cluster, found)
  return {
    name: cluster.name,
    bootstrap: cluster.bootstrap,
    ...(tls && { tls }),
    ...(sasl && { sasl }),
    ...(cluster.clusterId !== null && { expectedClusterId: cluster.clusterId }),
  }
}

function tlsConfig(
  cluster: ExternalClusterDeclaration,
  found: ReadonlyMap<string, Secret>,
): TlsConfig | null {
  if (cluster.tls === null) return null
  const ca = found.get('tls.ca')?.reveal()
  const certificate = found.get('tls.certificate')?.reveal()
  const key = found.get('tls.key')
  const keyPassword = found.get('tls.keyPassword')
  return {
    ...(ca !== undefined && { ca }),
    ...(certificate !== undefined && { certificate }),
    ...(key && { key }),
    ...(keyPassword && { keyPassword }),
    ...(cluster.tls.serverName !== null && { serverName: cluster.tls.serverName }),
  }
}

function saslConfig(
  cluster: ExternalClusterDeclaration,
  found: ReadonlyMap<string, Secret>,
): SaslConfig | null {
  const { sasl } = cluster
  if (sasl === null) return null
  if (sasl.mechanism === 'OAUTHBEARER') return { mechanism: sasl.mechanism, token: found.get('sasl.token')! }
  return { mechanism: sasl.mechanism, username: sasl.username, password: found.get('sasl.password')! }
}

/** What the worker of a link needs: the declaration, with both clusters as they are reached now. */
export function linkSpec(link: LinkDeclaration, source: ClusterConfig, destination: ClusterConfig): LinkSpec {
  const { name, groups, prefix, start, travel, limit, priority, workers, producerIdsFrom } = link
  const taken = { topics: takenTopics(link), groups, prefix, start, workers, producerIdsFrom }
  const chosen = { ...(travel && { travel }), ...(limit && { limit }), ...(priority && { priority }) }
  return { name, source, destination, ...taken, ...chosen }
}

/** Passwords of users that the link makes, looked up now. @throws SECRET_UNAVAILABLE */
export async function linkPasswords(
  link: LinkDeclaration,
  source: ReferenceSource,
): Promise<Readonly<Record<string, Secret>>> {
  const passwords: Record<string, Secret> = {}
  for (const { path, reference, kind } of passwordReferences(link)) {
    const resolved = await resolveReference(reference, kind, source)
    if (!resolved.ok) {
      throw fleetError('SECRET_UNAVAILABLE', `${pathText(path)}: ${resolved.reason}`, {
        context: { link: link.name, path: pathText(path) },
      })
    }
    passwords[String(path.at(-1))] = resolved.secret
  }
  return passwords
}
