import type { ErrorTable } from './error-tables.ts'

const INTRODUCTION = `# Errors

Every error of kmc says what happened, where and why, what to do (after \`→\`), and a code in brackets that never
changes its meaning. With \`-o json\` an error is one line on stderr:
\`{"error": {"code": "…", "message": "…", "remedy": "…", "context": {…}}}\`. Faults of links and mirrors carry the same
codes. This page is made from the tables in \`src/*/errors.ts\`.
`

/** docs/reference/errors.md. */
export function errorsPage(tables: readonly ErrorTable[]): string {
  const sections = tables.map(({ room, errors }) => {
    const entries = Object.entries(errors).map(
      ([code, { title, remedy, retriable }]) =>
        `### ${code}\n\n${title}.${retriable === true ? ' The same call may succeed when repeated.' : ''}\n\n→ ${remedy}\n`,
    )
    return `## ${room}\n\n${entries.join('\n')}`
  })
  return [INTRODUCTION, ...sections].join('\n')
}
