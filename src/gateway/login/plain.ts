import { isSameText } from '../../base/same-text.ts'
import type { RouteUser } from '../spec.ts'
import type { ServerExchange } from './exchange.ts'

const SEPARATOR = '\0'

/** SASL PLAIN (RFC 4616): authorization id, name and password in one message. */
export class PlainServer implements ServerExchange {
  user: string | null = null
  readonly #users: ReadonlyMap<string, RouteUser>

  constructor(users: ReadonlyMap<string, RouteUser>) {
    this.#users = users
  }

  async next(message: Buffer): Promise<Buffer | null> {
    const [actAs, name, password, ...more] = message.toString('utf8').split(SEPARATOR)
    if (name === undefined || password === undefined || more.length > 0) return null
    // Nobody acts for another: Kafka's own server refuses that likewise.
    if (actAs !== '' && actAs !== name) return null
    const known = this.#users.get(name)
    // Compared also for names that nobody has, so that the time taken tells nothing.
    if (!isSameText(known?.password.reveal() ?? '', password) || known === undefined) return null
    this.user = name
    return Buffer.alloc(0)
  }
}
