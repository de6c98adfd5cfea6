import type { ClusterConfig } from '../../client/config.ts'

/** Whom a link signs in as, in Kafka's words; null where only the broker knows it (certificates, tokens, nobody). */
export function linkPrincipal({ sasl }: ClusterConfig): string | null {
  return sasl === undefined || sasl.mechanism === 'OAUTHBEARER' ? null : `User:${sasl.username}`
}
