import { DescribeClientQuotas } from '../../wire/apis/048-describe-client-quotas.ts'
import { AlterClientQuotas } from '../../wire/apis/049-alter-client-quotas.ts'
import type { Cluster } from '../cluster.ts'
import { atController } from '../controller-calls.ts'
import { throwOnKafkaError } from '../errors.ts'
import { matchAnswers, outcomeOfCode } from '../match-answers.ts'
import type { Outcome } from '../outcome.ts'
import { type CallOptions, retrying } from '../retry.ts'

export type QuotaEntityType = 'user' | 'client-id' | 'ip' | (string & {})

/** Whom a quota is for: names by type; null stands for the default of that type (KIP-546). */
export type QuotaEntity = Readonly<Partial<Record<QuotaEntityType, string | null>>>

export type Quota = { readonly entity: QuotaEntity; readonly values: ReadonlyMap<string, number> }

/** `any`: every name; null: the default; else that name. */
export type QuotaFilter = Readonly<Partial<Record<QuotaEntityType, string | null | { readonly any: true }>>>

/** A value of null removes the quota of that key, e.g. `producer_byte_rate`. */
export type QuotaChange = {
  readonly entity: QuotaEntity
  readonly values: Readonly<Record<string, number | null>>
}

const MATCH_EXACT = 0
const MATCH_DEFAULT = 1
const MATCH_ANY = 2

/**
 * Quotas of entities that match; `{}` matches all. `strict`: only entities of exactly these types. Errors:
 * KAFKA_ERROR.
 */
export function describeQuotas(
  cluster: Cluster,
  filter: QuotaFilter = {},
  { strict = false, ...options }: CallOptions & { readonly strict?: boolean } = {},
): Promise<Quota[]> {
  const limits = cluster.limitsOf(options)
  const what = `quotas of ${cluster.name}`
  return retrying({ what, ...limits }, async ({ remainingMs: timeoutMs }) => {
    const body = { components: componentsOf(filter), strict }
    const answer = await cluster.request(DescribeClientQuotas, body, { node: 'any', ...limits, timeoutMs })
    throwOnKafkaError(answer.errorCode, what, answer.errorMessage)
    return (answer.entries ?? []).map(({ entity, values }) => ({
      entity: Object.fromEntries(entity.map(({ entityType, entityName }) => [entityType, entityName])),
      values: new Map(values.map(({ key, value }) => [key, value])),
    }))
  })
}

/** Sets and removes quotas; one outcome per change, in order. */
export function alterQuotas(
  cluster: Cluster,
  changes: readonly QuotaChange[],
  { validateOnly = false, ...options }: CallOptions & { readonly validateOnly?: boolean } = {},
): Promise<Outcome<void>[]> {
  return atController(cluster, changes, {
    ...options,
    what: 'changing quotas',
    ask: async (pending, limits) => {
      const entries = pending.map(({ entity, values }) => ({
        entity: entriesOf(entity),
        ops: Object.entries(values).map(([key, value]) => ({
          key,
          value: value ?? 0,
          remove: value === null,
        })),
      }))
      const answer = await cluster.request(
        AlterClientQuotas,
        { entries, validateOnly },
        { node: 'controller', ...limits },
      )
      return matchAnswers({
        api: 'AlterClientQuotas',
        items: pending,
        keyOf: ({ entity }) => keyOf(entriesOf(entity)),
        answers: answer.entries,
        keyOfAnswer: ({ entity }) => keyOf(entity),
        read: (result, { entity }) =>
          outcomeOfCode(result, `quota of ${keyOf(entriesOf(entity))}`, () => undefined),
      })
    },
  })
}

type EntityEntry = { readonly entityType: string; readonly entityName: string | null }

function entriesOf(entity: QuotaEntity): EntityEntry[] {
  return Object.entries(entity).map(([entityType, entityName]) => ({
    entityType,
    entityName: entityName ?? null,
  }))
}

function keyOf(entity: readonly EntityEntry[]): string {
  const parts = entity.map(({ entityType, entityName }) => `${entityType}=${JSON.stringify(entityName)}`)
  return parts.sort().join(' ')
}

function componentsOf(filter: QuotaFilter) {
  return Object.entries(filter).map(([entityType, want]) => {
    if (want === null || want === undefined) return { entityType, matchType: MATCH_DEFAULT, match: null }
    if (typeof want === 'string') return { entityType, matchType: MATCH_EXACT, match: want }
    return { entityType, matchType: MATCH_ANY, match: null }
  })
}
