import type { Address } from '../../client/address.ts'
import type { Login } from '../session/edge.ts'
import type { Calls } from '../upstream/calls.ts'

/** A login, and how it is done again at the next broker. */
export type RouteLogin = Login & {
  /** Who the client is, as far as the gateway knows. */
  readonly principal: string | null
  /** Whether `repeat` can succeed. */
  readonly isRepeatable: boolean
  /** When the broker ends the session that `repeat` began, on the route's clock; Infinity when it does not. */
  readonly endsAt: number
  /** Proves to a broker who the client is. Throws when the broker does not believe it. */
  repeat(calls: Calls, address: Address): Promise<void>
}
