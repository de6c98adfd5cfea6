import { Command, Option, type OutputConfiguration } from 'commander'
import { type CatalogEntry, catalog, groups, sections } from './catalog.ts'
import type { CommandDefinition } from './command.ts'
import { type OutputFormat, outputFormats } from './output.ts'
import { version } from './version.ts'

/** The options that every command takes, before or after its name. */
export type GlobalOptions = {
  readonly file: string
  readonly output: OutputFormat
  readonly debug?: true
  readonly color: boolean
}

/** A command with everything that was said to it. */
export type Invocation = {
  readonly definition: CommandDefinition
  readonly options: Readonly<Record<string, unknown>>
  readonly words: readonly string[]
  readonly globals: GlobalOptions
}

const HELP_TAIL = `
Each command has --help with examples. Exit codes: 0 ok, 1 failed, 2 wrong use, 3 differences found.`

/**
 * The command tree, its commands being empty shells that are filled from their files when they are called.
 * `run` gets the command that was called; commander's own errors are thrown as CommanderError.
 */
export function buildProgram(
  run: (invocation: Invocation) => Promise<void>,
  output: OutputConfiguration = {},
): Command {
  const program = new Command('kmc')
    .description('Run, join and verify several Apache Kafka clusters from one file.')
    .usage('[options] <command>')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .option('-f, --file <file>', 'fleet file, looked for in the current folder only', 'fleet.yaml')
    .addOption(
      new Option('-o, --output <format>', 'format of results').choices(outputFormats).default('table'),
    )
    .option('--debug', 'show stacks and causes of errors')
    .option('--no-color', 'no colour (so does NO_COLOR=1)')
    .addHelpText('after', HELP_TAIL)
    .showSuggestionAfterError(true)
    .configureHelp({ showGlobalOptions: true, visibleGlobalOptions: globalsWorthShowing })
    .exitOverride()
    .configureOutput({ ...output, outputError: () => undefined })
    .commandsGroup('Help:')
  const parents = new Map<string, Command>()
  for (const section of sections) {
    for (const entry of catalog) if (entry.section === section) addShell(program, parents, entry, run)
  }
  const help = new Command('help').argument('[command...]').description('show help of a command')
  program.addHelpCommand(help.helpGroup('Help:'))
  return program
}

function globalsWorthShowing(command: Command): Option[] {
  const options: Option[] = []
  for (let parent = command.parent; parent !== null; parent = parent.parent) {
    options.push(...parent.options.filter((option) => option.long !== '--version'))
  }
  return options
}

function addShell(
  program: Command,
  parents: Map<string, Command>,
  entry: CatalogEntry,
  run: (invocation: Invocation) => Promise<void>,
): void {
  const words = entry.path.split(' ')
  const name = words.pop()!
  const parent = words.length === 0 ? program : groupCommand(program, parents, words.join(' '))
  const shell = parent.command(name).summary(entry.summary)
  if (words.length === 0) shell.helpGroup(`${entry.section}:`)
  parent.hook('preSubcommand', async (_parent, called) => {
    if (called === shell) await fillShell(shell, entry, run)
  })
}

function groupCommand(program: Command, parents: Map<string, Command>, path: string): Command {
  const known = parents.get(path)
  if (known !== undefined) return known
  const group = groups[path]!
  const command = program
    .command(path)
    .description(group.summary)
    .helpGroup(`${group.section}:`)
    .helpCommand(false)
  parents.set(path, command)
  return command
}

async function fillShell(
  shell: Command,
  entry: CatalogEntry,
  run: (invocation: Invocation) => Promise<void>,
): Promise<void> {
  const definition = await entry.load()
  describeCommand(shell, definition)
  shell.action(async () => {
    await run({
      definition,
      options: shell.opts(),
      words: shell.processedArgs.flat().filter((word) => word !== undefined),
      globals: shell.optsWithGlobals(),
    })
  })
}

/** Puts a definition's words, options and examples on its command; the reference page is made from the same. */
export function describeCommand(command: Command, definition: CommandDefinition): void {
  command.description(definition.description)
  definition.configure?.(command)
  const examples = definition.examples.map(([line, what]) => `  ${line}\n      ${what}`)
  command.addHelpText('after', `\nExamples:\n${examples.join('\n')}`)
}

/** `help topic list` as `topic list --help`, so that the command's file is loaded on the same way as ever. */
export function withoutHelpCommand(argv: readonly string[], program: Command): readonly string[] {
  const at = argv.indexOf('help')
  const [first, ...more] = argv.slice(at + 1).filter((word) => !word.startsWith('-'))
  if (at < 0 || first === undefined || !argv.slice(0, at).every((word) => word.startsWith('-'))) return argv
  const isKnown = program.commands.some((command) => command.name() === first)
  return isKnown ? [first, ...more, '--help'] : [first]
}
