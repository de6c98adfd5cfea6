import type { Quota, QuotaChange, QuotaEntity } from '../../client/admin/quotas.ts'
import { nameMatcher } from '../names.ts'
import type { QuotaTravel } from './options.ts'
import type { OwnedChange, OwnedRecord } from './owned.ts'

type QuotaNote = OwnedRecord & { readonly kind: 'quota' }

export type QuotaWorld = {
  /** Null: none travel, so those that the link made go. */
  readonly rules: QuotaTravel | null
  readonly source: readonly Quota[]
  readonly present: readonly Quota[]
  readonly notes: ReadonlyMap<string, OwnedRecord>
}

export type QuotaPlan = {
  readonly changes: readonly QuotaChange[]
  /** Notes to write before the changes are made, and those that end once they were. */
  readonly before: readonly OwnedChange[]
  readonly after: readonly OwnedChange[]
  readonly made: number
  readonly foreign: number
}

/** The word for the default of all users or client ids, which has no name in Kafka. */
const DEFAULT = '<default>'

/**
 * What has to be set and removed so that the destination has the source's quotas. A value of one key (such as
 * `producer_byte_rate`) that somebody else set stays, also where the source has another.
 */
export function planQuotas({ rules, source, present, notes }: QuotaWorld): QuotaPlan {
  const there = new Map(present.map((quota) => [whatOf(quota.entity), quota]))
  const own = new Map(
    [...notes].flatMap(([what, record]) => (record.kind === 'quota' ? [[what, record]] : [])),
  )
  const wanted = new Map(
    source
      .filter(({ entity }) => takes(rules, entity))
      .map((quota) => [whatOf(quota.entity), quota] as const),
  )
  const plan = { changes: [] as QuotaChange[], before: [] as OwnedChange[], after: [] as OwnedChange[] }
  let made = 0
  let foreign = 0
  for (const what of new Set([...wanted.keys(), ...own.keys()])) {
    const entity = (wanted.get(what) ?? own.get(what))!.entity
    const noted = own.get(what)
    const now = there.get(what)?.values ?? new Map<string, number>()
    const all = wanted.get(what)?.values ?? new Map<string, number>()
    const mine = [...all].filter(([key]) => !now.has(key) || noted?.values[key] !== undefined)
    foreign += all.size - mine.length
    made += mine.length
    const gone = Object.keys(noted?.values ?? {}).filter((key) => !all.has(key))
    const set = mine.filter(([key, value]) => now.get(key) !== value)
    const values = { ...Object.fromEntries(set), ...Object.fromEntries(gone.map((key) => [key, null])) }
    if (Object.keys(values).length > 0) plan.changes.push({ entity, values })
    note(plan, what, noted, {
      kind: 'quota',
      entity: { ...entity } as QuotaNote['entity'],
      values: Object.fromEntries(mine),
    })
  }
  return { ...plan, made, foreign }
}

function note(
  plan: { before: OwnedChange[]; after: OwnedChange[] },
  what: string,
  noted: QuotaNote | undefined,
  wanted: QuotaNote,
): void {
  const left = Object.keys(wanted.values).length > 0
  if (JSON.stringify(noted?.values ?? {}) === JSON.stringify(wanted.values)) return
  // Until the change is made, the link answers for what was there and for what will be.
  const both = { ...wanted, values: { ...noted?.values, ...wanted.values } }
  plan.before.push({ what, record: both })
  plan.after.push({ what, record: left ? wanted : null })
}

function takes(rules: QuotaTravel | null, entity: QuotaEntity): boolean {
  if (rules === null) return false
  const parts = Object.entries(entity)
  return parts.every(([type, name]) => {
    const patterns = type === 'user' ? rules.users : type === 'client-id' ? rules.clientIds : []
    return nameMatcher(patterns)(name ?? DEFAULT)
  })
}

function whatOf(entity: QuotaEntity): string {
  const parts = Object.entries(entity).map(([type, name]) => `${type}=${JSON.stringify(name ?? null)}`)
  return `quota/${parts.sort().join(',')}`
}
