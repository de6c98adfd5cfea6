import { posix } from 'node:path'
import { paths, read } from '../project.ts'
import { type Node, type SourceFile, SyntaxKind, treeOf, walk } from '../syntax.ts'

/** What a command prints with `-o json`: a type of the code, or words where it is only a few names. */
type Printed = {
  readonly commands: string
  readonly shape: 'one' | 'a list of' | 'a line each'
  readonly type?: readonly [file: string, name: string]
  readonly words?: string
}

const printed: readonly Printed[] = [
  { commands: 'status, up --detach', shape: 'one', type: ['src/fleet/run/fleet-status.ts', 'FleetStatus'] },
  { commands: 'cluster list', shape: 'a list of', type: ['src/fleet/run/fleet-status.ts', 'ClusterStatus'] },
  {
    commands: 'cluster describe',
    shape: 'one',
    type: ['src/cli/commands/cluster-describe.ts', 'ClusterDescription'],
  },
  { commands: 'link list', shape: 'a list of', type: ['src/fleet/run/fleet-status.ts', 'LinkOverview'] },
  {
    commands: 'link check',
    shape: 'one',
    type: ['src/link/preflight/preflight.ts', 'PreflightReport'],
    words: 'without a link: a list of them',
  },
  {
    commands: 'link describe',
    shape: 'one',
    type: ['src/fleet/run/fleet-status.ts', 'LinkOverview'],
    words:
      'with `declared`: the link as the fleet file has it, and `survey`: what would be carried over besides records',
  },
  { commands: 'console', shape: 'one', words: '`link`' },
  { commands: 'alerts list', shape: 'one', type: ['src/server/api/alerts.ts', 'AlertOverview'] },
  {
    commands: 'alerts silence',
    shape: 'one',
    words: '`id`, `rule`, `subject`, `until`, `by`, `why`: the silence',
  },
  { commands: 'alerts unsilence', shape: 'one', words: '`silence`, `ended`' },
  { commands: 'alerts test', shape: 'one', words: '`receiver`, `taken`' },
  { commands: 'generate grafana', shape: 'one', words: 'the dashboard itself' },
  { commands: 'generate alerts', shape: 'a list of', type: ['src/server/generate/alerts.ts', 'AlertRule'] },
  { commands: 'generate prometheus', shape: 'one', words: '`file`: the YAML' },
  { commands: 'cluster start, cluster stop, cluster restart', shape: 'one', words: '`cluster`, `action`' },
  { commands: 'link pause, link resume', shape: 'one', words: '`link`, `desired`, `changed`' },
  {
    commands: 'link reverse, mirror reverse',
    shape: 'one',
    words:
      '`link`, `from`, `to` (the clusters as it runs now), `direction`, `topics`: a list of `topic` and `stranded` (`partition`, `from`, `to`)',
  },
  {
    commands: 'link delete',
    shape: 'one',
    words: '`link`, `deleted`, `declared` (whether the fleet file still has it)',
  },
  { commands: 'mirror list', shape: 'a list of', type: ['src/cli/commands/mirror.ts', 'MirrorRow'] },
  { commands: 'mirror describe', shape: 'one', type: ['src/cli/commands/mirror.ts', 'MirrorDetail'] },
  {
    commands: 'mirror pause, mirror resume, mirror promote, mirror failover, mirror repair',
    shape: 'a list of',
    type: ['src/link/intents/request.ts', 'Asked'],
  },
  { commands: 'failover', shape: 'one', type: ['src/failover/plan/plan.ts', 'FailoverPlan'] },
  {
    commands: 'receipts',
    shape: 'a list of',
    type: ['src/failover/receipt/row.ts', 'ReceiptRow'],
    words: 'with an id: the whole receipt',
  },
  { commands: 'verify', shape: 'one', type: ['src/link/verify/report.ts', 'VerifyReport'] },
  {
    commands: 'sim',
    shape: 'one',
    words:
      '`seeds`, `scenario`, `runs`, `steps`, `virtualMs`, `findings`: a list of `seed`, `invariant`, `message`, `atMs`, `plan`',
  },
  { commands: 'plan', shape: 'one', type: ['src/fleet/plan/plan.ts', 'Plan'] },
  {
    commands: 'apply',
    shape: 'one',
    words: '`plan` (its id), `fleet`, `steps`: a list of `action`, `subject`, `state`, `why`',
  },
  { commands: 'serve, gateway', shape: 'a line each', type: ['src/cli/commands/serve.ts', 'ServeLine'] },
  { commands: 'route list', shape: 'a list of', type: ['src/fleet/run/route-overview.ts', 'RouteOverview'] },
  {
    commands: 'route describe',
    shape: 'one',
    type: ['src/cli/commands/route-describe.ts', 'RouteDescription'],
  },
  { commands: 'down', shape: 'one', type: ['src/cli/commands/down.ts', 'DownReport'] },
  { commands: 'init', shape: 'one', words: '`file`, `template`' },
  { commands: 'demo', shape: 'one', type: ['src/cli/demo/story.ts', 'StoryResult'] },
  { commands: 'topic list', shape: 'a list of', type: ['src/cli/commands/topic-list.ts', 'TopicRow'] },
  {
    commands: 'topic describe',
    shape: 'a list of',
    type: ['src/cli/commands/topic-describe.ts', 'TopicDescription'],
  },
  { commands: 'topic create', shape: 'a list of', type: ['src/cli/commands/topic-create.ts', 'CreatedRow'] },
  { commands: 'topic delete', shape: 'a list of', type: ['src/cli/commands/topic-delete.ts', 'DeletedRow'] },
  { commands: 'group list', shape: 'a list of', type: ['src/cli/commands/group-list.ts', 'GroupRow'] },
  {
    commands: 'group describe',
    shape: 'a list of',
    type: ['src/cli/commands/group-describe.ts', 'Described'],
  },
  {
    commands: 'group explain',
    shape: 'a list of',
    type: ['src/link/groups/explain.ts', 'GroupExplanation'],
  },
  { commands: 'produce', shape: 'one', type: ['src/cli/commands/produce.ts', 'ProduceReport'] },
  { commands: 'consume', shape: 'a line each', type: ['src/cli/records/print-record.ts', 'JsonRecord'] },
  { commands: 'doctor', shape: 'one', type: ['src/cli/commands/doctor.ts', 'DoctorReport'] },
  { commands: 'test', shape: 'one', type: ['test/run/results.ts', 'Report'] },
  {
    commands: 'every error (on stderr)',
    shape: 'a line each',
    type: ['src/cli/render-error.ts', 'ErrorDocument'],
  },
]

const INTRODUCTION = `# JSON output

What commands print with \`-o json\` (and, in the same names, with \`-o yaml\`). Names stay; new ones may be added. A
number that is not known is \`null\`, never 0. Offsets and sizes are whole numbers below 2^53; times are milliseconds
since the epoch. This page is made from the types of the code; examples are cut from real runs.
`

type Declared = {
  readonly file: string
  readonly name: string
  readonly text: string
  readonly uses: readonly string[]
}

/** docs/reference/json.md. */
export function jsonPage(): string {
  const rows = printed.map(({ commands, shape, type, words }) => {
    const what = [
      ...(type === undefined ? [] : [`[${type[1]}](#${type[1].toLowerCase()})`]),
      ...(words === undefined ? [] : [words]),
    ]
    return `| ${commands} | ${shape} | ${what.join(', ')} |`
  })
  const table = ['| command | prints | type |', '|---|---|---|', ...rows].join('\n')
  const seen = new Map<string, Declared>()
  for (const { type } of printed) if (type !== undefined) collect(type[0], type[1], seen)
  const types = [...seen.values()]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, text }) => `## ${name}\n\n\`\`\`ts\n${text}\n\`\`\`\n${exampleOf(name)}`)
  return [INTRODUCTION, `${table}\n`, ...types].join('\n')
}

const EXAMPLES = 'test/tidy/pages/json-examples'

/** What a command printed in a real run, where that was kept for this type. */
function exampleOf(name: string): string {
  const path = `${EXAMPLES}/${name}.json`
  if (!paths.includes(path)) return ''
  const { command, prints } = JSON.parse(read(path).text) as { command: string; prints: unknown }
  return `\n\`${command}\`:\n\n\`\`\`json\n${JSON.stringify(prints, null, 2)}\n\`\`\`\n`
}

/** Keys of the examples that no type of the page has: they were renamed since. */
export function unknownInExamples(): string[] {
  const page = jsonPage()
  const free = new Set(['evidence', 'context'])
  const keysIn = (value: unknown): string[] => {
    if (typeof value !== 'object' || value === null) return []
    if (Array.isArray(value)) return value.flatMap(keysIn)
    return Object.entries(value).flatMap(([key, inner]) => [key, ...(free.has(key) ? [] : keysIn(inner))])
  }
  const examples = paths.filter((path) => path.startsWith(`${EXAMPLES}/`))
  const keys = examples.flatMap((path) => keysIn((JSON.parse(read(path).text) as { prints: unknown }).prints))
  return [...new Set(keys)].filter((key) => !new RegExp(`\\b${key}\\??: `).test(page))
}

/** A type and those it is made of, each once. */
function collect(file: string, name: string, seen: Map<string, Declared>): void {
  const tree = treeOf(file)
  if (tree === null) return
  const declared = declaration(tree, file, name)
  if (declared === null) {
    const origin = importedFrom(tree, file, name)
    if (origin !== null) collect(origin, name, seen)
    return
  }
  const other = seen.get(name)
  if (other?.file === file) return
  if (other !== undefined)
    throw new Error(`two types of this page are called ${name}: ${other.file} and ${file}`)
  seen.set(name, declared)
  for (const used of declared.uses) collect(file, used, seen)
}

type Loose = Node & {
  readonly name?: { readonly text?: string }
  readonly typeName?: { readonly text?: string }
  readonly moduleSpecifier?: { readonly text?: string }
  readonly type?: Node
}

function declaration(tree: SourceFile, file: string, name: string): Declared | null {
  let found = null as Declared | null
  tree.forEachChild((node) => {
    const alias = node as Loose
    if (alias.kind !== SyntaxKind.TypeAliasDeclaration || alias.name?.text !== name) return
    const uses = new Set<string>()
    walk(alias.type!, (part) => {
      const used = (part as Loose).typeName?.text
      if (part.kind === SyntaxKind.TypeReference && used !== undefined) uses.add(used)
    })
    const text = node
      .getFullText(tree)
      .trim()
      .replace(/\bexport type\b/, 'type')
      .replaceAll('readonly ', '')
    found = { file, name, text, uses: [...uses] }
  })
  return found
}

function importedFrom(tree: SourceFile, file: string, name: string): string | null {
  let origin = null as string | null
  tree.forEachChild((node) => {
    if (node.kind !== SyntaxKind.ImportDeclaration) return
    const specifier = (node as Loose).moduleSpecifier?.text ?? ''
    const clause = node.getText(tree).replace(/ from .*$/s, '')
    if (specifier.startsWith('.') && new RegExp(`\\b${name}\\b`).test(clause))
      origin = posix.join(posix.dirname(file), specifier)
  })
  return origin
}

/** Commands of the catalog that the page does not name. */
export function unnamed(paths: readonly string[]): string[] {
  const named = new Set(printed.flatMap(({ commands }) => commands.split(', ')))
  return paths.filter((path) => !named.has(path) && !named.has(`${path} --detach`))
}
