import { isKafkaError } from '../../client/errors.ts'
import { requestOf } from '../burrow/shape.ts'
import { errorBody } from '../error-body.ts'
import { restCodeOf } from '../errors.ts'

const isOfBurrow = (path: string): boolean => /^\/v3\/(kafka|config)(\/|$)/.test(path)

/** Paths of REST Proxy v2: at the root, and below a cluster. */
const isOfRestV2 = (path: string): boolean =>
  /^\/(clusters\/[^/]+\/)?(topics|brokers|consumers)(\/|$)/.test(path)

const TOPIC_NOT_FOUND = 404_01

/**
 * An error as callers of a path expect it: Confluent's two fields in its REST Proxy's, Burrow's in Burrow's, kmc's own
 * form elsewhere.
 */
export function errorShape(path: string, error: unknown): object {
  const body = errorBody(error)
  if (isOfBurrow(path)) return { error: true, message: body.error.message, request: requestOf(path) }
  const isV2 = isOfRestV2(path)
  if (!isV2 && !path.startsWith('/v3/')) return body
  // v3 tells of a missing topic under the number that v2 has for a missing consumer instance.
  const isTopicMissing = isV2 && isKafkaError(error, 'UNKNOWN_TOPIC_OR_PARTITION')
  const code = isTopicMissing ? TOPIC_NOT_FOUND : restCodeOf(error)
  return { error_code: code, message: body.error.message, kmc: body.error }
}
