import { createHash, timingSafeEqual } from 'node:crypto'

/** Whether two secrets are the same, in constant time, over digests, so that a length does not show either. */
export function isSameText(given: string, expected: string): boolean {
  return timingSafeEqual(digestOf(given), digestOf(expected))
}

/** SHA-256: what is kept of a secret that is only ever compared. */
export function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
