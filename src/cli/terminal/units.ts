import { usageError } from '../errors.ts'

const byteUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const

/** 1536 as `1.5 KiB`. */
export function formatBytes(bytes: number): string {
  let value = bytes
  let unit = 0
  while (Math.abs(value) >= 1024 && unit < byteUnits.length - 1) {
    value /= 1024
    unit += 1
  }
  return `${unit === 0 ? String(Math.round(value)) : value.toFixed(value < 10 ? 1 : 0)} ${byteUnits[unit]!}`
}

/** Something a second: `12,345/s`, and `0.4/s` where it is rare. */
export function formatRate(perSecond: number): string {
  const text =
    perSecond >= 10 || perSecond === 0 ? Math.round(perSecond).toLocaleString('en-US') : perSecond.toFixed(1)
  return `${text}/s`
}

/** Milliseconds as a person says them: `320 ms`, `4.2 s`, `3 min 5 s`, `2 h 10 min`, `3 d 4 h`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`
  const seconds = milliseconds / 1000
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`
  const pairs = [
    ['d', 86_400, 'h', 3_600],
    ['h', 3_600, 'min', 60],
    ['min', 60, 's', 1],
  ] as const
  for (const [big, bigSeconds, small, smallSeconds] of pairs) {
    if (seconds < bigSeconds) continue
    const whole = Math.floor(seconds / bigSeconds)
    const rest = Math.floor((seconds - whole * bigSeconds) / smallSeconds)
    return rest === 0 ? `${whole} ${big}` : `${whole} ${big} ${rest} ${small}`
  }
  return `${Math.round(seconds)} s`
}

/** An instant as UTC with milliseconds, the form that sorts; -1 (Kafka's "none") is `-`. */
export function formatInstant(atMs: number): string {
  return atMs < 0 || atMs > 8.64e15 ? '-' : new Date(atMs).toISOString()
}

const secondsOf: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, min: 60, h: 3600, d: 86_400 }

/** `500ms`, `30s`, `5m`, `2h`, `7d` in milliseconds; anything else is wrong use of `option`. */
export function parseDuration(text: string, option: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|min|m|h|d)$/.exec(text.trim())
  if (match === null)
    throw usageError(`${option}: "${text}" is not a duration`, 'Write it like 500ms, 30s, 5m, 2h or 7d.')
  return Number(match[1]) * secondsOf[match[2]!]! * 1000
}

/** A whole number within bounds; anything else is wrong use of `option`. */
export function parseCount(text: string, option: string, bounds: { min: number; max?: number }): number {
  const value = Number(text)
  const max = bounds.max ?? Number.MAX_SAFE_INTEGER
  if (/^-?\d+$/.test(text.trim()) && value >= bounds.min && value <= max) return value
  const range = bounds.max === undefined ? `${bounds.min} or more` : `from ${bounds.min} to ${bounds.max}`
  throw usageError(`${option}: "${text}" is not a whole number ${range}`)
}

/** An instant: ISO 8601 (without a zone: UTC), milliseconds since the epoch, or how long ago (`15m`). */
export function parseInstant(text: string, option: string, nowMs: number): number {
  if (/^\d{10,}$/.test(text)) return Number(text)
  if (/^\d+(?:\.\d+)?(ms|s|min|m|h|d)$/.test(text)) return Math.round(nowMs - parseDuration(text, option))
  const iso = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:?\d\d)?)?$/.exec(text)
  const parsed = iso === null ? Number.NaN : Date.parse(`${iso[1]}T${iso[2] ?? '00:00'}${iso[3] ?? 'Z'}`)
  if (Number.isNaN(parsed)) {
    throw usageError(
      `${option}: "${text}" is not a time`,
      'Write 2026-01-31T08:00:00Z, milliseconds since 1970, or how long ago: 15m, 2h.',
    )
  }
  return parsed
}
