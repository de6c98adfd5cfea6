import type { Start } from '../../client/records/ranges.ts'
import { usageError } from '../errors.ts'
import { parseInstant } from '../terminal/units.ts'

/** `beginning`, `end`, an offset, `-5` (the last five of each partition), a time, or `@` and milliseconds. */
export function parseStart(text: string, nowMs: number): Start {
  if (text === 'beginning' || text === 'end') return { at: text }
  if (/^\d+$/.test(text)) return { at: 'offset', offset: safe(Number(text), text) }
  if (/^-\d+$/.test(text)) return { at: 'last', count: safe(-Number(text), text) }
  const time = text.startsWith('@') ? text.slice(1) : text
  if (text.startsWith('@') && !/^\d+$/.test(time))
    throw usageError(`--from: "${text}" is not @ and milliseconds`)
  if (text.startsWith('@')) return { at: 'time', timestampMs: safe(Number(time), text) }
  return { at: 'time', timestampMs: parseInstant(text, '--from', nowMs) }
}

function safe(value: number, text: string): number {
  if (Number.isSafeInteger(value)) return value
  throw usageError(`--from: "${text}" is too large`)
}
