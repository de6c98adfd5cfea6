import { isTest, place, read, typescript } from '../project.ts'
import { lineOf, type Node, type SourceFile, SyntaxKind, treeOf, walk } from '../syntax.ts'

/** One call that writes a log line. `message` is null when it is not a constant. */
export type LogCall = {
  readonly room: string
  readonly place: string
  readonly level: string
  readonly message: string | null
  readonly fields: readonly string[]
}

type Call = Node & {
  readonly expression: Node
  readonly arguments: readonly (Node & { readonly text?: string; readonly properties?: readonly Node[] })[]
}

const LOG_CALL = /(?:^|[.#])log\.(debug|info|warn|error)$/

/** Every call in the product that writes a log line. */
export function logCalls(): LogCall[] {
  return typescript
    .filter((path) => path.startsWith('src/') && !isTest(path) && /\blog\./i.test(read(path).text))
    .flatMap((path) => {
      const tree = treeOf(path)
      return tree === null ? [] : callsIn(tree, path)
    })
}

function callsIn(tree: SourceFile, path: string): LogCall[] {
  const found: LogCall[] = []
  walk(tree, (node) => {
    if (node.kind !== SyntaxKind.CallExpression) return
    const call = node as Call
    const level = LOG_CALL.exec(call.expression.getText(tree))?.[1]
    if (level === undefined) return
    const [fields, message] = call.arguments
    found.push({
      room: path.split('/')[1]!,
      place: place(path, lineOf(tree, node)),
      level,
      message: message?.kind === SyntaxKind.StringLiteral ? message.text! : null,
      fields: (fields?.properties ?? []).map((property) => property.getText(tree).split(/[:(]/)[0]!.trim()),
    })
  })
  return found
}

const INTRODUCTION = `# Log lines

\`.kmc/logs/supervisor.log\` and \`.kmc/logs/link-NAME.log\` hold a JSON object a line: \`level\` (20 debug, 30 info,
40 warn, 50 error), \`time\` in milliseconds, \`pid\`, \`link\` in a worker, \`msg\`, and the fields below. A message is
always the same words, so it can be searched and counted; what varies stands in fields. Neither holds secrets or
contents of records. \`KMC_LOG_LEVEL=debug\` shows more. \`…x\` stands for the fields of x, such as \`topic\` and
\`partition\`. This page is made from the code.
`

/** docs/reference/logs.md. */
export function logsPage(): string {
  const rooms = Map.groupBy(logCalls(), ({ room }) => room)
  const sections = [...rooms]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([room, calls]) => {
      const rows = new Set(
        calls
          .map(({ level, message, fields }) => {
            const names = fields.map((field) => `\`${field.replace(/^\.\.\.(?:.*\.)?/, '…')}\``).join(', ')
            return `| ${message} | ${level} | ${names || '–'} |`
          })
          .sort(),
      )
      return [`## ${room}`, '', '| Message | Level | Fields |', '| --- | --- | --- |', ...rows, ''].join('\n')
    })
  return [INTRODUCTION, ...sections].join('\n')
}
