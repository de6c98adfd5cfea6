import type { SaslConfig } from '../config.ts'
import type { SaslExchange } from './exchange.ts'
import { OAuthBearerExchange } from './oauthbearer.ts'
import { PlainExchange } from './plain.ts'
import { ScramExchange } from './scram.ts'

/** A fresh exchange for the configured mechanism; one serves one authentication only. */
export function createExchange(config: SaslConfig): SaslExchange {
  switch (config.mechanism) {
    case 'PLAIN':
      return new PlainExchange(config.username, config.password)
    case 'SCRAM-SHA-256':
    case 'SCRAM-SHA-512':
      return new ScramExchange(config.mechanism, config.username, config.password)
    case 'OAUTHBEARER':
      return new OAuthBearerExchange(config.token)
  }
}
