import { z } from 'zod'
import type { Need, Route } from '../../../src/server/http/route.ts'

const INTRODUCTION = `# The API

Every route of the server at 127.0.0.1:8686, by subject, with the least role that it takes and on what. What a
route takes and answers in full tells \`GET /openapi.json\` of a running server. \`{cluster}\` is the name in
\`fleet.yaml\` or Kafka's cluster id. A change is in the audit log under its name. This page is made from the table of
routes.
`

/** docs/reference/api.md. */
export function apiPage(routes: readonly Route[]): string {
  const tags = Map.groupBy(routes, ({ tag }) => tag)
  const sections = [...tags].map(([tag, all]) => {
    const rows = all.map(rowOf)
    return `## ${tag}\n\n| route | what | role | query | change |\n|---|---|---|---|---|\n${rows.join('\n')}\n`
  })
  return [INTRODUCTION, ...sections].join('\n')
}

function rowOf({ method, path, summary, need, query, action }: Route): string {
  const cells = [`\`${method} ${path}\``, summary, leave(need), queryOf(query), action ?? '']
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

function leave(need: Need): string {
  return need === 'anyone' ? 'anyone' : `${need.role}, ${need.on}`
}

function queryOf(query: z.ZodType): string {
  const { properties = {} } = z.toJSONSchema(query, { io: 'input', unrepresentable: 'any' })
  return Object.keys(properties)
    .map((name) => `\`${name}\``)
    .join(', ')
}
