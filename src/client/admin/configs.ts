import {
  DescribeConfigs,
  type DescribeConfigsResponseResourceResult,
} from '../../wire/apis/032-describe-configs.ts'
import { IncrementalAlterConfigs } from '../../wire/apis/044-incremental-alter-configs.ts'
import type { Cluster, Target } from '../cluster.ts'
import type { WaitOptions } from '../connection-pool.ts'
import { fanOut } from '../fan-out.ts'
import { matchAnswers, outcomeOfCode } from '../match-answers.ts'
import type { Outcome } from '../outcome.ts'
import { type CallOptions, retryingItems } from '../retry.ts'
import {
  type ConfigOperation,
  type ConfigResourceType,
  type ConfigSource,
  type ConfigType,
  configSource,
  configType,
  operationCode,
  resourceTypeCode,
} from './config-codes.ts'

/** Something that has a configuration. A broker's name is its id; '' means the default of all brokers. */
export type ConfigResource = { readonly type: ConfigResourceType; readonly name: string }

export type ConfigEntry = {
  readonly name: string
  /** Null for secrets, which brokers never give out. */
  readonly value: string | null
  readonly source: ConfigSource
  readonly type: ConfigType
  readonly isReadOnly: boolean
  readonly isSensitive: boolean
  /** Where the value would come from, strongest first; empty unless asked for. */
  readonly synonyms: readonly {
    readonly name: string
    readonly value: string | null
    readonly source: ConfigSource
  }[]
  /** Null unless asked for. */
  readonly documentation: string | null
}

export type DescribeConfigsOptions = CallOptions & {
  readonly synonyms?: boolean
  readonly documentation?: boolean
}

/** `names`: only these settings; left out: all. */
export type ConfigQuery = ConfigResource & { readonly names?: readonly string[] }

/** `value` is needed by all operations but `delete`, which brings the default back. */
export type ConfigChange = {
  readonly name: string
  readonly operation: ConfigOperation
  readonly value?: string | undefined
}

export type ResourceChange = ConfigResource & { readonly changes: readonly ConfigChange[] }

/** Reads configurations; one outcome per resource, in order. */
export function describeConfigs(
  cluster: Cluster,
  queries: readonly ConfigQuery[],
  { synonyms = false, documentation = false, ...options }: DescribeConfigsOptions = {},
): Promise<Outcome<readonly ConfigEntry[]>[]> {
  return perResource(
    cluster,
    queries,
    { what: 'reading configurations', ...options },
    async (part, node, limits) => {
      const resources = part.map(({ type, name, names }) => ({
        resourceType: resourceTypeCode(type),
        resourceName: name,
        configurationKeys: names === undefined ? null : [...names],
      }))
      const body = { resources, includeSynonyms: synonyms, includeDocumentation: documentation }
      const answer = await cluster.request(DescribeConfigs, body, { node, ...limits })
      return matchAnswers({
        api: 'DescribeConfigs',
        items: part,
        keyOf,
        answers: answer.results,
        keyOfAnswer,
        read: (result, query) => {
          return outcomeOfCode(result, `configuration of ${query.type} ${query.name}`, () =>
            result.configs.map(entryOf),
          )
        },
      })
    },
  )
}

/** Changes single settings and leaves the others (KIP-339); one outcome per resource, all of its changes or none. */
export function alterConfigs(
  cluster: Cluster,
  changes: readonly ResourceChange[],
  { validateOnly = false, ...options }: CallOptions & { readonly validateOnly?: boolean } = {},
): Promise<Outcome<void>[]> {
  return perResource(
    cluster,
    changes,
    { what: 'changing configurations', ...options },
    async (part, node, limits) => {
      const resources = part.map(({ type, name, changes: settings }) => ({
        resourceType: resourceTypeCode(type),
        resourceName: name,
        configs: settings.map(({ name: key, operation, value }) => {
          return { name: key, configOperation: operationCode(operation), value: value ?? null }
        }),
      }))
      const answer = await cluster.request(
        IncrementalAlterConfigs,
        { resources, validateOnly },
        { node, ...limits },
      )
      return matchAnswers({
        api: 'IncrementalAlterConfigs',
        items: part,
        keyOf,
        answers: answer.responses,
        keyOfAnswer,
        read: (result, { type, name }) =>
          outcomeOfCode(result, `configuration of ${type} ${name}`, () => undefined),
      })
    },
  )
}

type Ask<Item, T> = (part: readonly Item[], node: Target, limits: WaitOptions) => Promise<Outcome<T>[]>

/** What concerns one broker is asked of that broker, the rest of any (Kafka's admin client does the same). */
function perResource<Item extends ConfigResource, T>(
  cluster: Cluster,
  items: readonly Item[],
  call: CallOptions & { readonly what: string },
  ask: Ask<Item, T>,
): Promise<Outcome<T>[]> {
  const limits = cluster.limitsOf(call)
  return retryingItems(items, { what: call.what, ...limits }, async (pending, { remainingMs: timeoutMs }) => {
    const outcomes = await fanOut(Map.groupBy(pending, targetOf), (node, part) =>
      ask(part, node, { ...limits, timeoutMs }),
    )
    return pending.map((item) => outcomes.get(item)!)
  })
}

function targetOf({ type, name }: ConfigResource): Target {
  const isOneBroker = (type === 'broker' || type === 'broker-logger') && name !== ''
  return isOneBroker ? Number(name) : 'any'
}

function keyOf({ type, name }: ConfigResource): string {
  return `${resourceTypeCode(type)} ${name}`
}

function keyOfAnswer({ resourceType, resourceName }: { resourceType: number; resourceName: string }): string {
  return `${resourceType} ${resourceName}`
}

function entryOf(entry: DescribeConfigsResponseResourceResult): ConfigEntry {
  return {
    name: entry.name,
    value: entry.value,
    source: configSource(entry.configSource),
    type: configType(entry.configType),
    isReadOnly: entry.readOnly,
    isSensitive: entry.isSensitive,
    synonyms: entry.synonyms.map(({ name, value, source }) => ({
      name,
      value,
      source: configSource(source),
    })),
    documentation: entry.documentation,
  }
}
