import type { Command } from 'commander'
import type { ExitCode } from './exit.ts'
import type { Output } from './output.ts'

/** What every command gets besides its own arguments and options. */
export type CommandContext = {
  readonly out: Output
  /** Absolute path of the fleet file named by -f; it need not exist. */
  readonly fleetPath: string
  /** Aborted by Ctrl-C, by SIGTERM, and when the reader of stdout went away. */
  readonly signal: AbortSignal
  readonly stdin: NodeJS.ReadStream
  readonly debug: boolean
}

export type Example = readonly [command: string, what: string]

/**
 * One command: its file in commands/ exports one of these and catalog.ts names it. `Options` is what commander
 * makes of the options that `configure` declares.
 */
export type CommandDefinition<Options = never> = {
  /** Shown by --help under the usage; whole sentences. */
  readonly description: string
  readonly examples: readonly [Example, ...Example[]]
  /** Declares arguments and options. */
  readonly configure?: (command: Command) => void
  /** How long the command may tidy up after Ctrl-C, in milliseconds; without it Ctrl-C ends it at once. */
  readonly stopMs?: number
  /** `words` are the arguments in order, those left out missing. Returns the exit code; failures are thrown. */
  run(context: CommandContext, options: Options, words: readonly string[]): Promise<ExitCode>
}
