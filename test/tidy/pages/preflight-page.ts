import { preflightFindings } from '../../../src/link/preflight/findings.ts'

const INTRODUCTION = `# Findings of \`kmc link check\`

Each finding has a severity (\`ok\`, \`warning\`, \`error\`), a code that never changes its meaning, the side and
subject it is about, what was found, why it matters, and, where something can be done, a remedy and the command for it.
One code may come as \`ok\` and, with a reason, as a warning. Findings marked *keeps the link from starting* are looked
for again every few seconds, and the link starts by itself once they are gone. This page is made from
\`src/link/preflight/findings.ts\`; the guide is [what a link needs](../guide/check.md).
`

/** docs/reference/preflight.md. */
export function preflightPage(): string {
  const entries = Object.entries(preflightFindings).map(([code, finding]) => {
    const blocks = 'blocks' in finding ? ' *Keeps the link from starting.*' : ''
    return `## ${code}\n\n${finding.title}.${blocks}\n\n${finding.why}\n`
  })
  return [INTRODUCTION, ...entries].join('\n')
}
