import { resolve } from 'node:path'
import { CommanderError } from 'commander'
import type { CommandContext } from './command.ts'
import { usageError } from './errors.ts'
import { Exit, type ExitCode } from './exit.ts'
import { Output, type OutputFormat, type Stream } from './output.ts'
import { buildProgram, type GlobalOptions, type Invocation, withoutHelpCommand } from './program.ts'
import { exitCodeOf } from './render-error.ts'
import { wantsColor } from './terminal/color.ts'

/** The world as one run of kmc sees it; a test gives its own. */
export type World = {
  readonly argv: readonly string[]
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly stdin: NodeJS.ReadStream
  readonly stdout: Stream
  readonly stderr: Stream
  /** Aborted when the run shall end: Ctrl-C, SIGTERM, the reader of stdout gone. The reason is an `ExitCode`. */
  readonly signal: AbortSignal
}

/** Runs one command line and returns its exit code. Never throws: every error is rendered on stderr. */
export async function runKmc(world: World): Promise<ExitCode> {
  let exitCode: ExitCode = Exit.ok
  const program = buildProgram(
    async (invocation) => {
      exitCode = await runCommand(invocation, world)
    },
    {
      writeOut: (text) => world.stdout.write(text),
      writeErr: (text) => world.stderr.write(text),
      getOutHelpWidth: () => world.stdout.columns ?? 100,
      getErrHelpWidth: () => world.stderr.columns ?? 100,
    },
  )
  try {
    if (world.argv.length === 0) program.outputHelp()
    else await program.parseAsync([...withoutHelpCommand(world.argv, program)], { from: 'user' })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError) return afterCommander(error, world)
    outputFor(world, guessedGlobals(world.argv)).problem(error)
    return exitCodeOf(error)
  }
}

async function runCommand(invocation: Invocation, world: World): Promise<ExitCode> {
  const { definition, globals } = invocation
  const context: CommandContext = {
    out: outputFor(world, globals),
    fleetPath: resolve(world.cwd, globals.file),
    signal: world.signal,
    stdin: world.stdin,
    debug: globals.debug === true,
  }
  const running = definition.run(context, invocation.options as never, invocation.words)
  return await Promise.race([running, afterAbort(world.signal, definition.stopMs ?? 0)])
}

/** Resolves to the reason's exit code when the run was told to end and its time to tidy up is over. */
function afterAbort(signal: AbortSignal, graceMs: number): Promise<ExitCode> {
  return new Promise((done) => {
    const begin = () => setTimeout(() => done(signal.reason as ExitCode), graceMs).unref()
    if (signal.aborted) begin()
    else signal.addEventListener('abort', begin, { once: true })
  })
}

function outputFor(world: World, globals: Pick<GlobalOptions, 'output' | 'debug' | 'color'>): Output {
  return new Output({
    stdout: world.stdout,
    stderr: world.stderr,
    format: globals.output,
    color: globals.color && wantsColor(world.stdout, world.environment),
    debug: globals.debug === true,
  })
}

/** Help and the version were printed: fine. Anything else is wrong use, said in kmc's own form. */
function afterCommander(error: CommanderError, world: World): ExitCode {
  if (error.exitCode === 0) return Exit.ok
  if (error.code === 'commander.help') return Exit.wrongUse
  const [what, hint] = error.message.replace(/^error: /, '').split('\n')
  const suggestion = /\(Did you mean (.+)\?\)/.exec(hint ?? '')?.[1]
  const fallback = error.code === 'commander.unknownCommand' ? 'See all commands with: kmc --help' : undefined
  const remedy = suggestion === undefined ? fallback : `Did you mean ${suggestion}?`
  outputFor(world, guessedGlobals(world.argv)).problem(usageError(what!, remedy))
  return Exit.wrongUse
}

/** The global options of a command line that commander could not read, or did not read to its end. */
function guessedGlobals(argv: readonly string[]): Pick<GlobalOptions, 'output' | 'debug' | 'color'> {
  const text = argv.join(' ')
  const output: OutputFormat = /(^| )(-o[ =]?|--output[ =])json( |$)/.test(text) ? 'json' : 'table'
  return { output, color: !argv.includes('--no-color'), ...(argv.includes('--debug') ? { debug: true } : {}) }
}
