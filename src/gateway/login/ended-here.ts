import type { Clock } from '../../base/clock.ts'
import type { Address } from '../../client/address.ts'
import type { SaslConfig } from '../../client/config.ts'
import { authenticateOver, negotiate } from '../../client/handshake.ts'
import { SaslHandshake } from '../../wire/apis/017-sasl-handshake.ts'
import { SaslAuthenticate } from '../../wire/apis/036-sasl-authenticate.ts'
import { ErrorCode } from '../../wire/error-codes.ts'
import { GatewayError } from '../errors.ts'
import type { Verdict } from '../session/verdict.ts'
import type { RouteSasl, RouteUser, SaslMechanism } from '../spec.ts'
import { answerTo, bodyOf } from '../state/call.ts'
import type { Call } from '../state/rules.ts'
import type { Calls } from '../upstream/calls.ts'
import type { ServerExchange } from './exchange.ts'
import type { RouteLogin } from './login.ts'
import { PlainServer } from './plain.ts'
import { ScramServer, ScramUsers } from './scram.ts'

/** Who may enter a route, prepared once for all connections. */
export class RouteUsers {
  readonly mechanisms: readonly SaslMechanism[]
  readonly #users: ReadonlyMap<string, RouteUser>
  readonly #scram: ScramUsers

  constructor({ mechanisms, users }: Extract<RouteSasl, { mode: 'ended-here' }>) {
    this.mechanisms = mechanisms
    this.#users = new Map(users.map((user) => [user.name, user]))
    this.#scram = new ScramUsers(this.#users)
  }

  /** Null for a mechanism that the route does not offer. */
  exchange(mechanism: string): ServerExchange | null {
    const offered = this.mechanisms.find((one) => one === mechanism)
    if (offered === undefined) return null
    return offered === 'PLAIN' ? new PlainServer(this.#users) : new ScramServer(offered, this.#scram)
  }

  /** Who a user is at a cluster; undefined where he enters as the route itself. */
  upstreamOf(user: string, cluster: string): SaslConfig | undefined {
    return this.#users.get(user)?.upstream?.[cluster]
  }
}

export type EndedHereOptions = {
  readonly users: RouteUsers
  /** Who a client certificate says that the client is; null without one. */
  readonly certified: string | null
  /** The cluster that serves now, and how the route itself enters it. */
  readonly cluster: () => { readonly name: string; readonly sasl: SaslConfig | undefined }
  readonly clock: Clock
}

/** A broker closes a session whose time is over (KIP-368); before that another connection takes its place. */
const SESSION_SHARE = 0.8

/** SASL that ends at the gateway: the client proves itself to the route, the route itself to the clusters. */
export class EndedHereLogin implements RouteLogin {
  readonly isRepeatable = true
  endsAt = Number.POSITIVE_INFINITY
  #principal: string | null
  #isDone: boolean
  readonly #options: EndedHereOptions
  #exchange: ServerExchange | null = null

  constructor(options: EndedHereOptions) {
    this.#options = options
    this.#principal = options.certified
    // A route without mechanisms takes client certificates alone.
    this.#isDone = options.users.mechanisms.length === 0 && options.certified !== null
  }

  get isDone(): boolean {
    return this.#isDone
  }

  get principal(): string | null {
    return this.#principal
  }

  judge(call: Call): Verdict | null {
    if (call.api.key === SaslHandshake.key) return this.#handshake(call)
    if (call.api.key === SaslAuthenticate.key) return { kind: 'answer', frames: this.#authenticate(call) }
    if (this.#isDone) return null
    throw new GatewayError(
      'GATEWAY_LOGIN_FAILED',
      `${call.api.name} came from a client that has not logged in.`,
    )
  }

  async repeat({ call }: Calls, address: Address): Promise<void> {
    const { users, cluster, clock } = this.#options
    const { name, sasl } = cluster()
    const own = this.#principal === null ? undefined : users.upstreamOf(this.#principal, name)
    const config = own ?? sasl
    if (config === undefined) return
    const startedAt = clock.now()
    const versions = await negotiate(call, address)
    const { sessionLifetimeMs } = await authenticateOver(call, versions, config, address)
    this.endsAt =
      sessionLifetimeMs > 0 ? startedAt + sessionLifetimeMs * SESSION_SHARE : Number.POSITIVE_INFINITY
  }

  #handshake(call: Call): Verdict {
    const { users } = this.#options
    this.#exchange = users.exchange(bodyOf(SaslHandshake, call).mechanism)
    const errorCode = this.#exchange === null ? ErrorCode.UNSUPPORTED_SASL_MECHANISM : 0
    const body = { errorCode, mechanisms: [...users.mechanisms] }
    return { kind: 'answer', frames: answerTo(SaslHandshake, call, body) }
  }

  async #authenticate(call: Call): Promise<Buffer[]> {
    const exchange = this.#exchange
    if (exchange === null)
      return answerTo(SaslAuthenticate, call, { errorCode: ErrorCode.ILLEGAL_SASL_STATE })
    const authBytes = await exchange.next(bodyOf(SaslAuthenticate, call).authBytes)
    if (authBytes === null) {
      this.#exchange = null
      const errorMessage = 'The route does not know this user with this password.'
      return answerTo(SaslAuthenticate, call, {
        errorCode: ErrorCode.SASL_AUTHENTICATION_FAILED,
        errorMessage,
      })
    }
    if (exchange.user !== null) {
      this.#principal = exchange.user
      this.#isDone = true
      this.#exchange = null
    }
    return answerTo(SaslAuthenticate, call, { authBytes })
  }
}
