import { clip, includes, type Range, union, versionsOf } from './range.ts'
import type { FieldSpec, MessageSpec } from './spec.ts'

/** A message as kmc speaks it: the union of two Kafka releases, and what each of them speaks. */
export type MergedMessage = {
  readonly spec: MessageSpec
  readonly versions: Range
  readonly older: Range | undefined
  readonly newer: Range | undefined
}

/**
 * Joins the schemas of two releases. The newer one's field table holds for every version it speaks, the older
 * one's for the rest. Each version of the result is checked to be exactly its owner's. Undefined: neither
 * release speaks a stable version.
 */
export function mergeMessages(
  older: MessageSpec | undefined,
  newer: MessageSpec | undefined,
  unstable: { readonly older: boolean; readonly newer: boolean },
): MergedMessage | undefined {
  const olderRange = stableRange(older, unstable.older)
  const newerRange = stableRange(newer, unstable.newer)
  const versions = union(olderRange, newerRange)
  if (versions === undefined) return undefined
  const rest = versionsOf(olderRange).filter((version) => !includes(newerRange, version))
  if (newer === undefined || newerRange === undefined)
    return { spec: older!, versions, older: olderRange, newer: undefined }
  if (older === undefined || olderRange === undefined || rest.length === 0) {
    return { spec: newer, versions, older: olderRange, newer: newerRange }
  }
  if (older.flexibleFrom !== newer.flexibleFrom)
    throw new Error(`${newer.name}: the releases differ in flexible versions`)
  const only = { from: rest[0]!, to: rest[rest.length - 1]! }
  const spec = joinSpecs(older, newer, rest, only, newerRange)
  return { spec, versions, older: olderRange, newer: newerRange }
}

/** The versions a release promises to keep: without the newest one while Kafka calls it unstable. */
function stableRange(spec: MessageSpec | undefined, unstable: boolean): Range | undefined {
  if (spec?.versions === undefined) return undefined
  const { from, to } = spec.versions
  return clip(spec.versions, { from, to: unstable ? to - 1 : to })
}

function joinSpecs(
  older: MessageSpec,
  newer: MessageSpec,
  rest: readonly number[],
  only: Range,
  newerRange: Range,
): MessageSpec {
  if (rest.every((version) => layout(newer.fields, version) === layout(older.fields, version))) return newer
  const fields = joinFields(older.fields, newer.fields, only, newerRange)
  for (const version of rest) assertLayout(newer.name, fields, older.fields, version)
  for (const version of versionsOf(newerRange)) assertLayout(newer.name, fields, newer.fields, version)
  return { ...newer, fields }
}

function joinFields(
  older: readonly FieldSpec[],
  newer: readonly FieldSpec[],
  only: Range,
  newerRange: Range,
): FieldSpec[] {
  const joined = newer.map((field) => {
    const twin = older.find((candidate) => candidate.name === field.name)
    return twin === undefined
      ? { ...field, versions: clipField(field.versions, newerRange) }
      : joinField(twin, field, only, newerRange)
  })
  older.forEach((field, index) => {
    const versions = clip(field.versions, only)
    if (versions === undefined || newer.some((candidate) => candidate.name === field.name)) return
    const before = older
      .slice(0, index)
      .map((earlier) => joined.findIndex((candidate) => candidate.name === earlier.name))
    joined.splice(Math.max(-1, ...before) + 1, 0, { ...field, versions })
  })
  return joined
}

function joinField(older: FieldSpec, newer: FieldSpec, only: Range, newerRange: Range): FieldSpec {
  const join = (a: Range | undefined, b: Range | undefined): Range | undefined =>
    union(clip(a, only), clip(b, newerRange))
  const versions = join(older.versions, newer.versions) ?? newer.versions
  return {
    ...newer,
    versions: reopen(versions, newer.versions, newerRange),
    nullable: join(older.nullable, newer.nullable),
    tagged: join(older.tagged, newer.tagged),
    fields:
      newer.fields === undefined || older.fields === undefined
        ? newer.fields
        : joinFields(older.fields, newer.fields, only, newerRange),
  }
}

/** Keeps `5+` readable as such: a range that runs to the last version stays open when the schema left it open. */
function reopen(joined: Range, stated: Range, within: Range): Range {
  return stated.to === Number.POSITIVE_INFINITY && joined.to === within.to
    ? { from: joined.from, to: stated.to }
    : joined
}

function clipField(range: Range, within: Range): Range {
  const clipped = clip(range, within)
  return clipped === undefined ? range : reopen(clipped, range, within)
}

function assertLayout(
  name: string,
  merged: readonly FieldSpec[],
  owner: readonly FieldSpec[],
  version: number,
): void {
  if (layout(merged, version) === layout(owner, version)) return
  throw new Error(`${name} v${version}: the releases cannot be joined into one table`)
}

/** What a version looks like on the wire, as text that can be compared. */
function layout(fields: readonly FieldSpec[], version: number): string {
  const parts = fields
    .filter((field) => includes(field.versions, version))
    .map((field) => {
      const tag = includes(field.tagged, version) ? `#${field.tag}` : ''
      const nullable = includes(field.nullable, version) ? '?' : ''
      const inner = field.fields === undefined ? '' : `{${layout(field.fields, version)}}`
      const type = `${field.type}${nullable}${tag}${field.flexible ?? ''}`
      return `${field.name}:${type}=${String(field.default)}${inner}`
    })
  return parts.join(',')
}
