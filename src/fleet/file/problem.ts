import { LineCounter } from 'yaml'
import type { KmcError } from '../../base/error.ts'
import { fleetError } from '../errors.ts'
import { columnsOf, printable } from './printable.ts'
import { redact, type SecretSpots } from './redact.ts'
import { pathText } from './tree.ts'
import type { Finding } from './yaml.ts'

/** One problem of a fleet file. `line` and `column` count from 1; `excerpt` is the source line and a caret below. */
export type Problem = {
  readonly file: string
  readonly line: number
  readonly column: number
  /** `clusters.tokyo.sasl`; empty when the problem is about the text itself. */
  readonly path: string
  readonly message: string
  readonly excerpt: readonly string[]
}

/** Problems printed in full; the rest is counted. */
const PROBLEMS_SHOWN_MAX = 50
const EXCERPT_WIDTH_MAX = 110

/** Findings as problems in the order of the file, each once; secrets in the source lines are replaced. */
export function problemsOf(
  file: string,
  text: string,
  findings: readonly Finding[],
  secrets: SecretSpots,
): Problem[] {
  const lines = new LineCounter()
  lines.addNewLine(0)
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines.addNewLine(at + 1)
  const seen = new Set<string>()
  const problems: Problem[] = []
  for (const finding of findings.toSorted((a, b) => a.span.start - b.span.start)) {
    const start = Math.min(finding.span.start, text.length)
    const { line, col } = lines.linePos(start)
    const path = pathText(finding.path)
    const identity = `${line}:${path}:${finding.message}`
    if (seen.has(identity)) continue
    seen.add(identity)
    const excerpt = problems.length < PROBLEMS_SHOWN_MAX ? excerptOf(text, finding, line, secrets) : []
    problems.push({ file, line, column: col, path, message: finding.message, excerpt })
  }
  return problems
}

function excerptOf(text: string, finding: Finding, line: number, secrets: SecretSpots): string[] {
  const at = Math.min(finding.span.start, text.length)
  const lineStart = text.lastIndexOf('\n', at - 1) + 1
  const newLine = text.indexOf('\n', at)
  const lineEnd = newLine === -1 ? text.length : newLine
  const span = { start: at, end: Math.min(Math.max(finding.span.end, at + 1), Math.max(lineEnd, at + 1)) }
  const shown = redact({ text, lineStart, lineEnd, span }, secrets)
  // A long line is cut so that the caret stays in sight.
  const cut = Math.max(0, shown.from - Math.floor(EXCERPT_WIDTH_MAX / 2))
  const source = printable(shown.line.slice(cut, cut + EXCERPT_WIDTH_MAX)).trimEnd()
  const indent = columnsOf(source.slice(0, shown.from - cut))
  const marked = columnsOf(source.slice(shown.from - cut, shown.to - cut))
  const gutter = String(line)
  return [
    ` ${gutter} | ${cut > 0 ? '…' : ''}${source}`,
    ` ${' '.repeat(gutter.length)} | ${cut > 0 ? ' ' : ''}${' '.repeat(indent)}${'^'.repeat(Math.max(1, marked))}`,
  ]
}

/** `fleet.yaml:12:5: clusters.seul: unknown key` with its excerpt. */
function problemText(problem: Problem): string {
  const where = `${problem.file}:${problem.line}:${problem.column}: `
  const what = problem.path === '' ? problem.message : `${problem.path}: ${problem.message}`
  return [where + what, ...problem.excerpt].join('\n')
}

/** One error for all problems of a file; `context.problems` holds them as data. */
export function fleetFileInvalid(file: string, problems: readonly Problem[]): KmcError {
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`
  const shown = problems.slice(0, PROBLEMS_SHOWN_MAX).map(problemText)
  const more = problems.length - shown.length
  if (more > 0) shown.push(`… and ${more} more`)
  return fleetError('FLEET_FILE_INVALID', `${file} has ${count}\n\n${shown.join('\n\n')}`, {
    context: { file, problems },
  })
}
