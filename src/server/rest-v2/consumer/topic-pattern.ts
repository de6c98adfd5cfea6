import { Script } from 'node:vm'
import { messageOf } from '../../../base/error.ts'
import { serverError } from '../../errors.ts'

const TIME_MS = 200
const matching = new Script('names.filter((name) => pattern.test(name))')

/**
 * The names that a regular expression matches as a whole, as Java's does. It comes from outside and may run for ages
 * (`(a+)+b`), so it is given a time: V8 ends a script in the midst of a match. @throws REQUEST_INVALID
 */
export function matchingNames(source: string, names: readonly string[]): readonly string[] {
  const pattern = compiled(source)
  try {
    return [...(matching.runInNewContext({ names, pattern }, { timeout: TIME_MS }) as string[])]
  } catch (cause) {
    throw serverError('REQUEST_INVALID', `the topic pattern takes too long: ${messageOf(cause)}`)
  }
}

/** @throws REQUEST_INVALID */
function compiled(source: string): RegExp {
  try {
    return new RegExp(`^(?:${source})$`)
  } catch (cause) {
    throw serverError('REQUEST_INVALID', `the topic pattern is no regular expression: ${messageOf(cause)}`)
  }
}
