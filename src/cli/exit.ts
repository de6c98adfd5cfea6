/** What the shell learns from kmc; the same for every command. */
export const Exit = {
  ok: 0,
  failed: 1,
  /** Unknown command or option, a value that makes no sense, a fleet file that is not valid. */
  wrongUse: 2,
  /** `plan`, `verify`, `link check`, `failover`: all went well, and there are differences, findings or refusals. */
  differences: 3,
  /** Ended by Ctrl-C and by SIGTERM, as shells count them. */
  interrupted: 130,
  terminated: 143,
} as const

export type ExitCode = (typeof Exit)[keyof typeof Exit]
