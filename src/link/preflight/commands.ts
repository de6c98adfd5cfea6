import type { AclOperation } from '../../client/admin/acl-codes.ts'
import { nameMatcher } from '../names.ts'
import type { Access } from './facts.ts'

/** The commands of Kafka's own tools that cure a finding, to be run by an administrator of that cluster. */

export type AclResource = 'topic' | 'group' | 'transactional-id' | 'cluster'

/** `kafka-acls` for one operation on some resources of one kind. `prefixed` names end with `*`. */
export function grantCommand(
  access: Access,
  operation: AclOperation,
  resource: AclResource,
  names: readonly string[],
): string {
  const isPrefix = (name: string) => name.length > 1 && name.endsWith('*')
  const literal = names.filter((name) => !isPrefix(name))
  const prefixed = names.filter(isPrefix).map((name) => name.slice(0, -1))
  const commands = [
    ...(literal.length > 0 || resource === 'cluster'
      ? [grant(access, operation, resource, literal, false)]
      : []),
    ...(prefixed.length > 0 ? [grant(access, operation, resource, prefixed, true)] : []),
  ]
  return commands.join(' && ')
}

function grant(
  access: Access,
  operation: AclOperation,
  resource: AclResource,
  names: readonly string[],
  isPrefixed: boolean,
): string {
  const what =
    resource === 'cluster' ? ['--cluster'] : names.flatMap((name) => [`--${resource}`, quoted(name)])
  const pattern = isPrefixed ? ['--resource-pattern-type', 'prefixed'] : []
  const who = ['--allow-principal', quoted(access.principal)]
  const word = operation.split('-').map((part) => part[0]!.toUpperCase() + part.slice(1))
  return [
    'kafka-acls',
    ...reach(access),
    '--add',
    ...who,
    '--operation',
    word.join(''),
    ...what,
    ...pattern,
  ].join(' ')
}

export function settingCommand(
  access: Access,
  /** `null`: the default of all brokers. */
  entity: { readonly type: 'topics' | 'brokers'; readonly name: string | null },
  settings: Readonly<Record<string, string>>,
): string {
  const list = Object.entries(settings).map(([name, value]) => `${name}=${value}`)
  const name = entity.name === null ? ['--entity-default'] : ['--entity-name', quoted(entity.name)]
  const what = ['--alter', '--entity-type', entity.type, ...name]
  return ['kafka-configs', ...reach(access), ...what, '--add-config', quoted(list.join(','))].join(' ')
}

/** Takes a quota of the link's user away. */
export function noQuotaCommand(access: Access, quota: string): string {
  const user = ['--entity-type', 'users', '--entity-name', quoted(userOf(access))]
  return ['kafka-configs', ...reach(access), '--alter', ...user, '--delete-config', quota].join(' ')
}

/** The name of a principal without its kind. */
export function userOf({ principal }: Access): string {
  return principal.slice(principal.indexOf(':') + 1)
}

function reach({ bootstrap, isSecured }: Access): string[] {
  const config = isSecured ? ['--command-config', 'admin.properties'] : []
  return ['--bootstrap-server', bootstrap, ...config]
}

function quoted(word: string): string {
  return /^[\w.:@/=,+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}

/**
 * Names for a grant that covers these topics as the link's patterns mean them: `*` or `x.*` where such a pattern took
 * the topic, so that tomorrow's topics are covered too, else the name itself.
 */
export function grantNames(patterns: readonly string[], prefix: string, topics: readonly string[]): string[] {
  const open = patterns.filter((pattern) => /^[^*?!]*\*$/.test(pattern))
  const names = topics.map((topic) => {
    const pattern = open.find((one) => nameMatcher([one])(topic))
    return prefix + (pattern ?? topic)
  })
  return [...new Set(names)].sort()
}
