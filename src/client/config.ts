import type { Secret } from '../base/secret.ts'

/** TLS towards a cluster. Texts are PEM. `verify: false` is accepted only for tests and says so in the logs. */
export type TlsConfig = {
  readonly ca?: string
  readonly certificate?: string
  readonly key?: Secret
  readonly keyPassword?: Secret
  /** Name to check the certificate against instead of the host in the address. */
  readonly serverName?: string
  readonly verify?: boolean
  /** Whether a certificate in `ca` is trusted although it is no authority's: what is at hand is the peer's own. */
  readonly trustsLeaf?: boolean
}

/** SASL as in KIP-12, KIP-84 (SCRAM) and KIP-255 (OAUTHBEARER). */
export type SaslConfig =
  | {
      readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'
      readonly username: string
      readonly password: Secret
    }
  | { readonly mechanism: 'OAUTHBEARER'; readonly token: Secret | (() => Promise<Secret>) }

/** How to reach one cluster. Plain data, so that it can be handed to another process. */
export type ClusterConfig = {
  /** The name in fleet.yaml; used in errors and logs. */
  readonly name: string
  /** `host:port`, tried in turn. */
  readonly bootstrap: readonly string[]
  readonly tls?: TlsConfig
  readonly sasl?: SaslConfig
  readonly clientId?: string
  /** Default 10,000. */
  readonly connectTimeoutMs?: number
  /** Deadline of one request where the call names none. Default 30,000. */
  readonly requestTimeoutMs?: number
  /** When given, every connection checks it: another cluster behind a known address is an error. */
  readonly expectedClusterId?: string
}
