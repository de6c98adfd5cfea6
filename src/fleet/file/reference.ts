import { described, type JsonSchema } from './json-schema.ts'
import { laterKeys } from './keys.ts'

/** docs/reference/fleet-file.md: every key with its type, default and meaning, from the schema that judges the file. */
export function fleetFileReference(): string {
  const root = described()
  const [managed, external] = child(root, 'clusters', 'additionalProperties').anyOf as [
    JsonSchema,
    JsonSchema,
  ]
  const link = child(root, 'links', 'additionalProperties')
  const sasl = child(external, 'sasl').oneOf as JsonSchema[]
  const route = child(root, 'routes', 'additionalProperties')
  const server = child(root, 'server')
  const alerts = child(root, 'alerts')
  const receivers = child(alerts, 'receivers', 'additionalProperties').oneOf as JsonSchema[]
  const user = child(child(route, 'sasl'), 'users', 'additionalProperties')
  return [
    HEAD,
    section('Top level', '', root),
    section('A cluster that kmc runs: `clusters.NAME` without `bootstrap`', MANAGED, managed),
    section('A cluster that runs elsewhere: `clusters.NAME` with `bootstrap`', '', external),
    section('`clusters.NAME.tls`', '', child(external, 'tls')),
    section('`clusters.NAME.sasl` with PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512', '', sharedSecret(sasl)),
    section('`clusters.NAME.sasl` with OAUTHBEARER', '', sasl.at(-1)!),
    section('A link: `links.NAME`', '', link),
    section('`links.NAME.limit` with hours', LIMIT, scheduledLimit(link)),
    section('`links.NAME.limit.hours`: a list of', '', child(scheduledLimit(link), 'hours', 'items')),
    section('A route: `routes.NAME`', ROUTE, route),
    section('`routes.NAME.tls`', '', child(route, 'tls')),
    section('`routes.NAME.sasl`', '', child(route, 'sasl')),
    section('`routes.NAME.sasl.users.NAME`', '', user),
    section('`routes.NAME.sasl.users.NAME.as`', '', child(user, 'as')),
    section('`routes.NAME.limits`', '', child(route, 'limits')),
    section('`metrics`', METRICS, child(root, 'metrics')),
    section('`server`', SERVER, server),
    section('`server.tls`', '', child(server, 'tls')),
    section('`server.roles.NAME`', ROLE, child(server, 'roles', 'additionalProperties')),
    section('`server.oidc`', '', child(server, 'oidc')),
    section('`server.history`', '', child(server, 'history')),
    section('`alerts`', ALERTS, alerts),
    section('`alerts.rules.NAME`', '', child(alerts, 'rules', 'additionalProperties')),
    section('`alerts.receivers.NAME` with kind webhook or slack', '', hooks(receivers)),
    section('`alerts.receivers.NAME` with kind mail', '', receivers.at(-1)!),
    section('`alerts.tell`: a list of', '', child(alerts, 'tell', 'items')),
    TAIL,
    later(),
  ].join('\n')
}

const HEAD = `<!-- Generated from src/fleet/file/schema.ts (./kmc test --only tidy --update). Do not edit. -->
# The fleet file

\`fleet.yaml\` declares clusters, the links between them and the routes to them. The smallest useful one:

\`\`\`yaml
clusters:
  seoul:
  virginia:
links:
  dr: { from: seoul, to: virginia }
\`\`\`

It is YAML 1.2 in UTF-8, at most 1 MiB. Names are lower-case letters, digits, \`-\` and \`_\`. A key
that is not listed here is an error. All problems of a file are reported at once, each with line,
column and the source line; secrets in that line are replaced. Examples for whole fleets stand in
[examples](../../examples); \`kmc init\` writes them. [fleet.schema.json](fleet.schema.json) gives
an editor completion and checks: begin the file with \`# yaml-language-server: $schema=PATH\`, as
\`kmc init\` does.
`

const MANAGED = `Nothing but the name is needed: \`seoul:\` alone is a cluster of one broker.
`

const ROUTE = `A route is an address at which Kafka clients find whichever of two clusters serves; a switch between
the clusters needs no change at the clients (see [routes](../guide/routes.md)). What stands here says
how it is served. Where it leads is kept on both clusters: after a failover it leads to the standby,
whatever \`primary\` says.
`

const SERVER = `How people and programs sign in is told in [the console](../guide/console.md). Beyond this machine the
server speaks TLS, or a proxy that is listed does so for it; a file that says otherwise is refused.
`

const ROLE = `Without any list of patterns a role holds for the whole fleet. \`clusters\` narrows it to these.
\`topics\`, \`groups\`, \`links\` and \`routes\` narrow it to these alone: a role on topics gives nothing on groups,
nor on the cluster itself. Roles do not add up: what somebody does must be given whole by one of theirs.
`

const METRICS = `What stands there is listed in [metrics](metrics.md). Without this section a port that is taken is
only noted in the log; with it, it is an error.
`

const ALERTS = `Without this section the rules that come with kmc count, and what fires is shown in the console. What
they are, and what a rule can look at, is told in [alerts](../guide/alerts.md).
`

const LIMIT = `The limit counts bytes of records as they travel from the source (compressed as they stand there),
and holds for the link as a whole: of several workers each has the part of its partitions. Seeding,
markers, groups and discovery are never held up by it. Of topics with a \`priority\`, and of
partitions near their end against those that catch up, see [budgets](../guide/budgets.md).
`

const TAIL = `## Secrets

A secret never stands in the file. \`env:NAME\` takes an environment variable, \`file:PATH\` a file
(relative to the fleet file; one line end after a password or token is left out). A file with a
password, token or private key must be readable for its owner alone: \`chmod 600 PATH\`. A password
or key written into the file is refused, and not shown in the error.

## Patterns of topics and groups

A pattern without wildcards is a name in full; \`*\` stands for any text, \`?\` for one character. A
leading \`!\` excludes, and always wins, wherever it stands. Put patterns in quotes: a bare \`*\` or
\`!\` has a meaning of its own in YAML. Names that begin with \`__\` are internal and are only taken
when they are named in full.

## Loops, and two links into one mirror

*No record comes back to a cluster where it was.* Where topics could come round over one or more
links:

- with a \`prefix\` on the links, each link by itself leaves out the mirrors that the link before it
  on the loop brings. Two clusters that mirror each other with \`prefix: "a."\` and \`prefix: "b."\`
  and \`topics: ["*"]\` are right as they are; in a mesh of clusters every mirror is made once, from
  the cluster whose topic it is. The exclusion goes by name: a topic called \`b.orders\` that an
  application makes itself is left out too. \`kmc plan\` shows what each link takes;
- without a prefix nothing tells a mirror from the cluster's own topic, so links whose topics would
  come round are refused, and the loop is named. Topics that are kept apart (\`[orders]\` one way,
  \`[payments]\` the other) are no loop;
- a mirror that is named in full on a link that would bring it back is refused.

Two links must not write one mirror. Where a topic is named in full that is refused when the file is
read; where only globs could meet it is remarked then, and \`kmc plan\` refuses it when both sources
really have such a topic.

Two clusters must not have one address or one cluster id: a link between them would be a link to
itself.
`

function later(): string {
  const keys = Object.entries(laterKeys).flatMap(([place, entries]) =>
    Object.keys(entries).map((key) => `\`${place === 'top' ? key : `${place}s.NAME.${key}`}\``),
  )
  return `## Not in this version

${keys.join(', ')}, and \`engine: mirrormaker\` are known words with no function yet; using one is an
error that says so.
`
}

function scheduledLimit(link: JsonSchema): JsonSchema {
  return (child(link, 'limit').anyOf as JsonSchema[])[1]!
}

function child(schema: JsonSchema, key: string, inner?: string): JsonSchema {
  const found = (schema.properties as Record<string, JsonSchema>)[key]!
  return inner === undefined ? found : (found[inner] as JsonSchema)
}

/** The three mechanisms with a password differ in their name only. */
function sharedSecret(branches: readonly JsonSchema[]): JsonSchema {
  const mechanisms = branches
    .slice(0, -1)
    .map((branch) => (child(branch, 'mechanism') as { const: string }).const)
  const [first] = branches
  const properties = {
    ...(first!.properties as object),
    mechanism: { ...child(first!, 'mechanism'), const: undefined, enum: mechanisms },
  }
  return { ...first!, properties }
}

/** Webhooks and Slack differ in what is posted only. */
function hooks([webhook, slack]: readonly JsonSchema[]): JsonSchema {
  const kinds = [webhook!, slack!].map((branch) => (child(branch, 'kind') as { const: string }).const)
  const kind = { ...child(webhook!, 'kind'), const: undefined, enum: kinds }
  return { ...webhook!, properties: { ...(webhook!.properties as object), kind } }
}

function section(title: string, text: string, schema: JsonSchema): string {
  const required = (schema.required ?? []) as string[]
  const rows = Object.entries(schema.properties as Record<string, JsonSchema>).map(([key, value]) => {
    const cells = [
      `\`${key}\``,
      typeText(value),
      defaultText(value, required.includes(key)),
      String(value.description),
    ]
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  })
  const table = ['| Key | Type | Default | Meaning |', '| --- | --- | --- | --- |', ...rows].join('\n')
  return `## ${title}\n\n${text === '' ? '' : `${text}\n`}${table}\n`
}

function typeText(schema: JsonSchema): string {
  if (schema.const !== undefined) return `\`${String(schema.const)}\``
  if (Array.isArray(schema.enum)) return schema.enum.map((word) => `\`${String(word)}\``).join(', ')
  if (Array.isArray(schema.anyOf)) return `text, or ${keysText(schema.anyOf as JsonSchema[])}`
  if (schema.properties !== undefined || schema.oneOf !== undefined) return 'keys, see below'
  if (schema.type === 'array') return 'list of text'
  if (schema.type === 'object') return schema.title === undefined ? mapText(schema) : 'keys'
  if (schema.type === 'integer') return `whole number, ${String(schema.minimum)} to ${String(schema.maximum)}`
  if (schema.type === 'boolean') return '`true`, `false`'
  if (typeof schema.pattern === 'string' && schema.pattern.startsWith('^(env:'))
    return '`env:NAME`, `file:PATH`'
  return 'text'
}

/** The branch of several that is a map of keys, by its first key. */
function keysText(branches: readonly JsonSchema[]): string {
  const keyed = branches.find(({ properties }) => properties !== undefined)
  return `\`{ ${Object.keys(keyed?.properties as object)[0]}: … }\``
}

function mapText(schema: JsonSchema): string {
  const values = schema.additionalProperties as JsonSchema
  return values.properties !== undefined || values.anyOf !== undefined
    ? 'names, each with keys, see below'
    : 'map'
}

function defaultText(schema: JsonSchema, required: boolean): string {
  if (required) return '**required**'
  if (typeof schema.defaultText === 'string') return schema.defaultText
  if (schema.default === undefined) return '–'
  return `\`${JSON.stringify(schema.default)}\``
}
