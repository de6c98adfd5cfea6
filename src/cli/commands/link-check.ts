import { knownLink } from '../../fleet/apply/known-link.ts'
import { openFleet } from '../../fleet/apply/open-fleet.ts'
import { preflightLinks } from '../../fleet/apply/preflight-links.ts'
import type { LinkFinding } from '../../link/preflight/findings.ts'
import type { PreflightReport } from '../../link/preflight/preflight.ts'
import type { CommandContext, CommandDefinition } from '../command.ts'
import { Exit } from '../exit.ts'
import type { Output } from '../output.ts'
import { printable } from '../terminal/text-width.ts'

export const linkCheck: CommandDefinition = {
  description:
    'Proves what a link needs to be exact, asked of both clusters with the link’s own principals: reach, rights, record ' +
    'sizes, settings, replicas. Says of each finding what to grant or change, with the command. Works before the link ' +
    'exists and while it runs; changes nothing. Exit code 3: something keeps records from being copied exactly.',
  examples: [
    ['kmc link check dr', 'the link dr'],
    ['kmc link check', 'every link of the fleet file'],
    ['kmc link check dr -o json', 'findings with code, side, subject, remedy and command'],
  ],
  configure: (command) => command.argument('[link]', 'a link of the fleet file; left out: all'),
  async run(context, _options, [name]) {
    const { loaded, links } = await chosen(context, name)
    const reports = await preflightLinks(loaded, links, { signal: context.signal })
    const isOne = name !== undefined
    await context.out.value(isOne ? reports[0] : reports, () => {
      if (reports.length === 0) context.out.note('the fleet has no links')
      for (const report of reports) print(report, context.out)
    })
    return reports.every(({ ready }) => ready) ? Exit.ok : Exit.differences
  },
}

async function chosen(context: CommandContext, name: string | undefined) {
  if (name !== undefined) {
    const { loaded, link } = await knownLink(context.fleetPath, name)
    return { loaded, links: [link] }
  }
  const loaded = await openFleet(context.fleetPath)
  return { loaded, links: Object.values(loaded.fleet.links) }
}

const marks = { ok: '✓', warning: '!', error: '✗' } as const
const ORDER = ['ok', 'warning', 'error'] as const

function print({ link, findings }: PreflightReport, out: Output): void {
  const { good, warn, bad, bold, dim } = out.palette
  const paint = { ok: good, warning: warn, error: bad }
  out.line(bold(`link ${link}`))
  const inOrder = ORDER.flatMap((severity) => findings.filter((one) => one.severity === severity))
  for (const { severity, code, side, what, why, remedy, command } of inOrder) {
    const [first, ...more] = what.split('\n').map(printable)
    out.line(`${paint[severity](marks[severity])} ${dim(`${side}:`)} ${first} ${dim(`[${code}]`)}`)
    for (const line of more) out.line(`    ${line}`)
    if (severity === 'ok') continue
    out.line(dim(`    ${why}`))
    if (remedy !== null) out.line(`    → ${printable(remedy)}`)
    if (command !== null) out.line(`      ${printable(command)}`)
  }
  out.line(verdict(findings, out))
}

function verdict(findings: readonly LinkFinding[], { palette }: Output): string {
  const count = (severity: LinkFinding['severity']) =>
    findings.filter((one) => one.severity === severity).length
  const [errors, warnings] = [count('error'), count('warning')]
  const some = (number: number, word: string) => `${number} ${word}${number === 1 ? '' : 's'}`
  if (errors === 0) return `${palette.good('ready')}, ${some(warnings, 'warning')}`
  return `${palette.bad(some(errors, 'error'))}, ${some(warnings, 'warning')}`
}
