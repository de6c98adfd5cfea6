import type { Log } from './log.ts'

/** Numbers as pino and bunyan write them, so that their tools can read the lines. */
const LEVELS = { debug: 20, info: 30, warn: 40, error: 50, silent: 100 } as const

export type JsonLogOptions = {
  /** The least that is written: debug, info, warn, error or silent; info when it is none of these. */
  readonly level: string | undefined
  /** Stand in every line. */
  readonly base: object
}

/**
 * A log of JSON lines: `{"level":30,"time":…,…base,…fields,"msg":"…"}`, one `write` a line. It is this and not a
 * library because 8 MB of each process would be the library's.
 */
export function jsonLog(
  target: { write(text: string): void },
  { level = 'info', base }: JsonLogOptions,
): Log {
  const least = level in LEVELS ? LEVELS[level as keyof typeof LEVELS] : LEVELS.info
  const at = (number: number) => (fields: object, msg: string) => {
    if (number < least) return
    target.write(`${JSON.stringify({ level: number, time: Date.now(), ...base, ...fields, msg }, plain)}\n`)
  }
  return { debug: at(LEVELS.debug), info: at(LEVELS.info), warn: at(LEVELS.warn), error: at(LEVELS.error) }
}

/** JSON has no bigint. */
function plain(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value
}
