import type { Lag } from '../../../src/link/status.ts'

/** Numbers and times in words. Unknown is never a number: callers show `–` and why. */
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })

export function count(value: number): string {
  return whole.format(value)
}

/** `1 group`, `2 groups`. */
export function counted(value: number, what: string): string {
  return `${whole.format(value)} ${what}${value === 1 ? '' : 's'}`
}

/** `1.2M`, for where there is no room. */
export function shortCount(value: number): string {
  return value < 10_000 ? whole.format(value) : short.format(value)
}

const byteUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const

export function bytes(value: number): string {
  let size = value
  let unit = 0
  while (size >= 1_024 && unit < byteUnits.length - 1) {
    size /= 1_024
    unit += 1
  }
  return `${unit === 0 || size >= 100 ? whole.format(size) : size.toFixed(1)} ${byteUnits[unit]}`
}

/** `0.4 s`, `12 s`, `3 min 10 s`, `5 h 2 min`, `3 d 4 h`: two units at most. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  const rounded = Math.round(seconds)
  if (rounded < 60) return `${rounded} s`
  if (rounded < 3_600) return pair(rounded, 60, 'min', 1, 's')
  if (rounded < 86_400) return pair(rounded, 3_600, 'h', 60, 'min')
  return pair(rounded, 86_400, 'd', 3_600, 'h')
}

function pair(seconds: number, large: number, largeName: string, small: number, smallName: string): string {
  const rest = Math.floor((seconds % large) / small)
  return `${Math.floor(seconds / large)} ${largeName}${rest === 0 ? '' : ` ${rest} ${smallName}`}`
}

export function ago(at: number, now: number): string {
  return `${duration(Math.max(0, (now - at) / 1_000))} ago`
}

const clock = new Intl.DateTimeFormat('en', {
  ...{
    year: 'numeric',
    month: 'short',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  },
  ...{ hour12: false, timeZoneName: 'short' },
})

export function instant(at: number): string {
  return clock.format(at)
}

/** `0 records · 0.4 s`; null where nothing of it is known. */
export function lagText({ records, seconds }: Lag): string | null {
  const parts = [
    records === null ? null : `${shortCount(records)} ${records === 1 ? 'record' : 'records'}`,
    seconds === null ? null : duration(seconds),
  ].filter((part) => part !== null)
  return parts.length === 0 ? null : parts.join(' · ')
}
