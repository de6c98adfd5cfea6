import type { Command, Option } from 'commander'
import { catalog, groups, sections } from '../../../src/cli/catalog.ts'
import { buildProgram, describeCommand } from '../../../src/cli/program.ts'

const INTRODUCTION = `# Commands

\`kmc <command> --help\` shows the same. Results go to stdout, notes, progress and errors to stderr.

- The fleet file is \`fleet.yaml\` in the current folder, or what \`-f\` names; it is never searched elsewhere.
- \`-o json\` and \`-o yaml\` print one document (\`consume\`: one a line); names in it are stable.
- Exit codes: 0 ok, 1 failed, 2 wrong use or an invalid fleet file, 3 differences found (\`plan\`, \`verify\`),
  130 and 143 stopped by Ctrl-C and SIGTERM.
- Where several clusters are asked, one that does not answer is reported on stderr and neither delays nor fails the
  others; the exit code is 1 when none answered, or the one named with \`--cluster\` did not.
`

/** docs/reference/cli.md, from the same definitions that --help shows. */
export async function cliPage(): Promise<string> {
  const program = buildProgram(async () => undefined)
  const parts = [INTRODUCTION, `## Options of every command\n\n${optionList(program.options)}\n`]
  for (const section of sections) {
    const entries = catalog.filter((entry) => entry.section === section)
    if (entries.length === 0) continue
    parts.push(`## ${section}\n`)
    for (const entry of entries) {
      const command = find(program, entry.path.split(' '))
      const definition = await entry.load()
      describeCommand(command, definition)
      parts.push(commandPart(command, entry.path, definition))
    }
  }
  return parts.join('\n')
}

function find(program: Command, words: readonly string[]): Command {
  return words.reduce((command, word) => command.commands.find((child) => child.name() === word)!, program)
}

function commandPart(
  command: Command,
  path: string,
  definition: { readonly description: string; readonly examples: readonly (readonly [string, string])[] },
): string {
  const words = command.registeredArguments.map((argument) =>
    argument.required
      ? `<${argument.name()}${dots(argument.variadic)}>`
      : `[${argument.name()}${dots(argument.variadic)}]`,
  )
  const usage = ['kmc', path, ...(command.options.length > 0 ? ['[options]'] : []), ...words].join(' ')
  const described = command.registeredArguments
    .filter((argument) => argument.description !== '')
    .map((argument) => `- \`${argument.name()}\`: ${argument.description}`)
  const examples = definition.examples.map(([line, what]) => `# ${what}\n${line}`)
  return [
    `### kmc ${path}\n`,
    // Lists in descriptions are indented by two; four make them stand as they are.
    `${definition.description.replace(/^ {2}/gm, '    ')}\n`,
    `    ${usage}\n`,
    ...[...described, ...(command.options.length > 0 ? [optionList(command.options)] : [])]
      .join('\n')
      .split('\n\n'),
    `\n\`\`\`sh\n${examples.join('\n')}\n\`\`\`\n`,
  ]
    .filter((text) => text !== '')
    .join('\n')
}

const dots = (isVariadic: boolean): string => (isVariadic ? '...' : '')

function optionList(options: readonly Option[]): string {
  return options
    .filter(({ hidden }) => !hidden)
    .map((option) => {
      const standard = typeof option.defaultValue === 'string' || typeof option.defaultValue === 'number'
      const choices = option.argChoices === undefined ? '' : ` (${option.argChoices.join(', ')})`
      const otherwise = standard ? `; default \`${option.defaultValue}\`` : ''
      return `- \`${option.flags}\`: ${option.description}${choices}${otherwise}`
    })
    .join('\n')
}

/** Groups that lead nowhere, and commands whose group is not described. */
export function groupMismatches(): string[] {
  const used = new Set(
    catalog.filter(({ path }) => path.includes(' ')).map(({ path }) => path.split(' ')[0]!),
  )
  const described = new Set(Object.keys(groups))
  return [...used.symmetricDifference(described)]
}
