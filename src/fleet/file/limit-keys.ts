import { z } from 'zod'
import { type LimitWindow, type LinkLimit, spansOf } from '../../link/budget/limit.ts'

const WINDOWS_MAX = 50
const RATE_MIN = 1024
const RATE_MAX = 1024 ** 4
const DAY_MINUTES = 1_440
const dayNames = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']

/** Bytes of one of each unit; networks are sold in bits, so those are known too. */
const rateUnits: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1_000,
  KB: 1_000,
  KiB: 1_024,
  MB: 1_000_000,
  MiB: 1_048_576,
  GB: 1_000_000_000,
  GiB: 1_073_741_824,
  kbit: 1_000 / 8,
  Mbit: 1_000_000 / 8,
  Gbit: 1_000_000_000 / 8,
}
const RATE = new RegExp(`^(\\d{1,9}(?:\\.\\d{1,3})?) ?(${Object.keys(rateUnits).join('|')})/s$`)
const TIME = /^([01]\d|2[0-3]):([0-5]\d)$/
const DAYS = /^(mon|tue|wed|thu|fri|sat|sun)(-(mon|tue|wed|thu|fri|sat|sun))?$/

const rateRule = 'write a rate with its unit, such as 20 MiB/s or 100 Mbit/s, or unlimited'
const limitRule = `${rateRule}, or { default: 50 MiB/s, hours: [{ from: "08:00", to: "20:00", rate: 10 MiB/s }] }`
const timeRule = 'write a time such as "08:00", in quotes'
const daysRule = 'write days such as mon-fri or sat,sun'

const rate = z
  .string(rateRule)
  .refine((text) => bytesPerSecond(text) !== undefined, { error: rateRule, abort: true })
  .refine((text) => {
    const bytes = bytesPerSecond(text)
    return bytes === null || (bytes! >= RATE_MIN && bytes! <= RATE_MAX)
  }, 'a rate is 1 KiB/s to 1 TiB/s')

const window = z
  .strictObject({
    from: z.string(timeRule).regex(TIME, timeRule).default('00:00').meta({ description: 'When it begins.' }),
    to: z
      .string(timeRule)
      .regex(/^(24:00|([01]\d|2[0-3]):[0-5]\d)$/, timeRule)
      .default('24:00')
      .meta({ description: 'When it ends; a time before `from` is on the next day.' }),
    days: z
      .string(daysRule)
      .refine((text) => daysOf(text) !== null, daysRule)
      .default('mon-sun')
      .meta({ description: 'The days on which it begins: `mon-fri`, `sat,sun`, `fri-mon`.' }),
    rate: rate.meta({ description: 'The rate within it, or `unlimited`.' }),
  })
  .refine(({ from, to }) => minutesOf(from) !== minutesOf(to) % DAY_MINUTES || to === '24:00', {
    error: 'from and to are the same time; leave both out for whole days',
    path: ['to'],
  })

const scheduled = z
  .strictObject({
    default: rate
      .default('unlimited')
      .meta({ description: 'The rate outside of all `hours`, or `unlimited`.' }),
    hours: z
      .array(window)
      .max(WINDOWS_MAX)
      .default([])
      .superRefine((windows, context) => {
        for (const { path, message } of overlaps(windows)) context.addIssue({ code: 'custom', path, message })
      })
      .meta({ description: 'Parts of the week with a rate of their own; they must not overlap.' }),
    zone: z
      .string()
      .refine(isZone, 'write the IANA name of a time zone, such as Asia/Seoul or UTC')
      .default('UTC')
      .meta({ description: 'The time zone whose clock `hours` go by.' }),
  })
  .meta({ title: 'A limit by the hour' })

/** What may stand under `limit` of a link. */
export const limitSchema = z.union([rate, scheduled], {
  error: (issue) => (typeof issue.input === 'string' ? rateRule : limitRule),
})

export const scheduleKeys: readonly string[] = Object.keys(scheduled.shape)
export const windowKeys: readonly string[] = Object.keys(window.shape)

/** The limit as a worker takes it. */
export function limitOf(keys: z.output<typeof limitSchema>): LinkLimit {
  if (typeof keys === 'string') return { bytesPerSecond: bytesPerSecond(keys)!, windows: [], zone: 'UTC' }
  const { default: rateText, hours, zone } = keys
  return { bytesPerSecond: bytesPerSecond(rateText)!, windows: hours.map(windowOf), zone }
}

/** Bytes; null for `unlimited`, undefined for what is no rate. */
function bytesPerSecond(text: string): number | null | undefined {
  if (text === 'unlimited') return null
  const match = RATE.exec(text)
  return match === null ? undefined : Math.round(Number(match[1]) * rateUnits[match[2]!]!)
}

function windowOf({ from, to, days, rate: text }: z.output<typeof window>): LimitWindow {
  const rateBytes = bytesPerSecond(text)!
  return { days: daysOf(days)!, from: minutesOf(from), to: minutesOf(to), bytesPerSecond: rateBytes }
}

function minutesOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3))
}

/** `fri-mon` goes over the end of the week. */
function daysOf(text: string): number[] | null {
  const days = new Set<number>()
  for (const part of text.split(',').map((word) => word.trim().toLowerCase())) {
    if (!DAYS.test(part)) return null
    const [first, last = first] = part.split('-').map((word) => dayNames.indexOf(word))
    for (let day = first!; ; day = (day + 1) % 7) {
      days.add(day + 1)
      if (day === last) break
    }
  }
  return [...days].sort()
}

function isZone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: text }).resolvedOptions().timeZone !== undefined
  } catch {
    return false
  }
}

type Overlap = { readonly path: number[]; readonly message: string }

function overlaps(windows: readonly z.output<typeof window>[]): Overlap[] {
  // Days that cannot be read have an error of their own.
  const spans = windows.map((keys) => (daysOf(keys.days) === null ? [] : spansOf(windowOf(keys))))
  return spans.flatMap((mine, index) => {
    const other = spans.slice(0, index).findIndex((theirs) => meeting(mine, theirs) !== null)
    if (other < 0) return []
    const at = minuteText(meeting(mine, spans[other]!)!)
    return [{ path: [index], message: `overlaps hours[${other}], both hold on ${at}` }]
  })
}

type Spans = ReturnType<typeof spansOf>

function meeting(left: Spans, right: Spans): number | null {
  for (const [from, to] of left) {
    for (const [begin, end] of right) if (from < end && begin < to) return Math.max(from, begin)
  }
  return null
}

function minuteText(minute: number): string {
  const time = minute % DAY_MINUTES
  const two = (value: number) => String(value).padStart(2, '0')
  return `${dayNames[Math.floor(minute / DAY_MINUTES)]} at ${two(Math.floor(time / 60))}:${two(time % 60)}`
}
