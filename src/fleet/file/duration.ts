import { z } from 'zod'

const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const DURATION = /^(\d{1,5})([smhd])$/

export const durationSchema = z.string().regex(DURATION, 'write a time such as 30s, 5m, 4h or 2d')

/** Milliseconds of a time as the file has it: 30s, 5m, 4h, 2d. */
export function durationMs(text: string): number {
  const [, count, unit] = DURATION.exec(text)!
  return Number(count) * units[unit!]!
}
