/** A value that a schema may give as default; int64 defaults beyond 2^53 only as 2^63 (Long.MAX_VALUE). */
export type DefaultValue = string | number | boolean | null

/**
 * One field of a generated table. Version ranges are Kafka's own notation: `3`, `0-4`, `5+`.
 * `type` is a primitive (`int32`, `string`, `records`, …) or `struct`; a leading `[]` makes it an array.
 * Source of the notation: README.md beside the schemas in kafka-clients (common/message).
 */
export type FieldTable = {
  readonly name: string
  readonly type: string
  readonly versions: string
  /** Versions in which null is allowed. */
  readonly nullable?: string
  /** Number among the tagged fields (KIP-482); `tagged` narrows it to some versions. */
  readonly tag?: number
  readonly tagged?: string
  /** Left out: zero, false, the empty string, the empty array, the zero uuid. */
  readonly default?: DefaultValue
  /** A value set in a version that lacks the field is dropped silently instead of refused. */
  readonly ignorable?: boolean
  /** `none`: never in compact form, whatever the message's version. */
  readonly flexible?: 'none'
  /** Of a struct: makes one in which every field has its default, all of the same shape. */
  readonly make?: () => object
  readonly fields?: readonly FieldTable[]
}

/** A message: its name, the versions kmc speaks and, from a version on, the compact ("flexible") form. */
export type MessageTable = {
  readonly name: string
  readonly min: number
  readonly max: number
  readonly flexibleFrom: number | null
  readonly make: () => object
  readonly fields: readonly FieldTable[]
}

/** Whether `version` lies in a range such as `3`, `0-4`, `5+` or `none`. */
export function inRange(range: string | undefined, version: number): boolean {
  if (range === undefined || range === 'none') return false
  if (range.endsWith('+')) return version >= Number(range.slice(0, -1))
  const dash = range.indexOf('-')
  if (dash < 0) return version === Number(range)
  return version >= Number(range.slice(0, dash)) && version <= Number(range.slice(dash + 1))
}

/** Whether the field is written among the tagged fields in `version`. */
export function isTagged(field: FieldTable, version: number): boolean {
  return field.tag !== undefined && inRange(field.tagged ?? field.versions, version)
}

/** Kafka's "no id". */
export const ZERO_UUID = 'AAAAAAAAAAAAAAAAAAAAAA'

/** The default of fields that hold bytes; shared, being empty. */
export const NO_BYTES = Buffer.alloc(0)
