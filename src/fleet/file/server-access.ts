import type { Secret } from '../../base/secret.ts'
import { fleetError } from '../errors.ts'
import { type ReferenceSource, resolveReference, serverReferences } from './references.ts'
import type { ServerDeclaration } from './server-schema.ts'
import { pathText } from './tree.ts'

/** What the server needs that does not stand in the fleet file. */
export type ServerSecrets = {
  readonly tokens: ReadonlyMap<string, Secret>
  readonly clientSecret: Secret | null
  /** By key: `certificate`, `key`, `keyPassword`. */
  readonly tls: ReadonlyMap<string, Secret>
}

/** Certificate, key, tokens and passwords of the server, looked up now. @throws SECRET_UNAVAILABLE */
export async function serverSecrets(
  server: ServerDeclaration,
  source: ReferenceSource,
): Promise<ServerSecrets> {
  const tokens = new Map<string, Secret>()
  const tls = new Map<string, Secret>()
  let clientSecret: Secret | null = null
  for (const { path, reference, kind } of serverReferences(server)) {
    const resolved = await resolveReference(reference, kind, source)
    if (!resolved.ok) throw fleetError('SECRET_UNAVAILABLE', `${pathText(path)}: ${resolved.reason}`)
    const key = String(path.at(-1))
    if (path[1] === 'oidc') clientSecret = resolved.secret
    else (path[1] === 'tls' ? tls : tokens).set(key, resolved.secret)
  }
  return { tokens, clientSecret, tls }
}

/** How the server speaks TLS; null where it does not. */
export function tlsOf({ tls }: ServerDeclaration, secrets: ServerSecrets) {
  if (tls === undefined) return null
  return {
    certificate: secrets.tls.get('certificate')!.reveal(),
    key: secrets.tls.get('key')!,
    keyPassword: secrets.tls.get('keyPassword') ?? null,
  }
}
