/** A part of the week with a rate of its own. One that ends at or before its begin runs into the next day. */
export type LimitWindow = {
  /** Days on which it begins: 1 is Monday, 7 Sunday. */
  readonly days: readonly number[]
  /** Minutes since midnight; `to` is exclusive and at most 1440. */
  readonly from: number
  readonly to: number
  /** null: no limit. */
  readonly bytesPerSecond: number | null
}

/** How many bytes a second a link may take from its source, by hour and day as a clock in `zone` shows them. */
export type LinkLimit = {
  readonly bytesPerSecond: number | null
  readonly windows: readonly LimitWindow[]
  /** IANA name, such as Asia/Seoul. */
  readonly zone: string
}

const DAY_MINUTES = 1_440
const WEEK_MINUTES = 7 * DAY_MINUTES
const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

/** The rate that holds at an instant; null is no limit. */
export function limitAt(limit: LinkLimit, atMs: number): number | null {
  if (limit.windows.length === 0) return limit.bytesPerSecond
  const minute = minuteOfWeek(limit.zone, atMs)
  const window = limit.windows.find((candidate) =>
    spansOf(candidate).some(([from, to]) => minute >= from && minute < to),
  )
  return window === undefined ? limit.bytesPerSecond : window.bytesPerSecond
}

/** The minutes of the week (0 is Monday 00:00) that a window takes, each span without a turn of the week inside. */
export function spansOf({ days, from, to }: LimitWindow): (readonly [number, number])[] {
  return days.flatMap((day) => {
    const midnight = (day - 1) * DAY_MINUTES
    const begin = midnight + from
    const end = midnight + (to > from ? to : to + DAY_MINUTES)
    if (end <= WEEK_MINUTES) return [[begin, end]] as const
    return [
      [begin, WEEK_MINUTES],
      [0, end - WEEK_MINUTES],
    ] as const
  })
}

const formats = new Map<string, Intl.DateTimeFormat>()

function minuteOfWeek(zone: string, atMs: number): number {
  let format = formats.get(zone)
  if (format === undefined) {
    const parts = { weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const
    format = new Intl.DateTimeFormat('en-US', { timeZone: zone, ...parts })
    formats.set(zone, format)
  }
  const found = new Map(format.formatToParts(atMs).map(({ type, value }) => [type, value]))
  const day = WEEKDAYS.indexOf(found.get('weekday')!)
  return day * DAY_MINUTES + Number(found.get('hour')) * 60 + Number(found.get('minute'))
}
