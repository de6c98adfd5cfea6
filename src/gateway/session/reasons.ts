import { KmcError, messageOf } from '../../base/error.ts'
import { GatewayError } from '../errors.ts'

/** Why a connection ends for something that was thrown while its bytes were taken. Bugs are thrown on. */
export function reasonFor(error: unknown): GatewayError {
  if (error instanceof GatewayError) return error
  // What the codec cannot read is the peer's fault; anything else is a bug, and shows as one.
  if (error instanceof KmcError || error instanceof RangeError)
    return new GatewayError('GATEWAY_BAD_FRAME', messageOf(error), { cause: error })
  throw error
}

/** A request of an API, or a version of one, that is not offered. */
export function notServed(key: number, version: number): GatewayError {
  return new GatewayError('GATEWAY_API_NOT_SERVED', `API key ${key}, version ${version}.`, {
    context: { key, version },
  })
}

/** A request or an answer that would have to be held whole. */
export function tooLarge(what: string, sizeBytes: number, limit: number): GatewayError {
  return new GatewayError('GATEWAY_FRAME_TOO_LARGE', `${what} of ${sizeBytes} bytes; ${limit} is the limit.`)
}

/** A broker that answers what it was not asked. */
export function outOfTurn(message: string): GatewayError {
  return new GatewayError('GATEWAY_UNEXPECTED_ANSWER', message)
}
