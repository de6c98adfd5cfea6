import { observeError } from '../errors.ts'
import type { LanePlace } from './lane.ts'

/** Where the next page begins, as a word that callers hand back unread. */
export function encodeCursor(places: readonly LanePlace[]): string {
  const numbers = places.map(({ partition, at, limit }) => [partition, at, limit])
  return Buffer.from(JSON.stringify(numbers)).toString('base64url')
}

/** @throws CURSOR_INVALID */
export function decodeCursor(text: string): LanePlace[] {
  const numbers = parsed(text)
  if (!Array.isArray(numbers) || numbers.length === 0) throw invalid()
  return numbers.map((entry: unknown) => {
    if (!Array.isArray(entry) || entry.length !== 3 || !entry.every(isCount)) throw invalid()
    const [partition, at, limit] = entry as [number, number, number]
    return { partition, at, limit }
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
  } catch (cause) {
    throw invalid(cause)
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function invalid(cause?: unknown): Error {
  return observeError('CURSOR_INVALID', 'the cursor is none that was given out', { cause })
}
