/** What a filter looks at in a record. `value` and `key` are the parsed JSON where they are JSON, else their text. */
export type Field = 'key' | 'value' | 'headers' | 'offset' | 'partition' | 'timestamp' | 'size'

export type Literal = string | number | boolean | null

export const comparisons = [
  '==',
  '!=',
  '<=',
  '>=',
  '<',
  '>',
  'contains',
  'startsWith',
  'endsWith',
  'like',
] as const

export type Comparison = (typeof comparisons)[number]

export type Operand =
  | { readonly kind: 'literal'; readonly value: Literal }
  | { readonly kind: 'path'; readonly field: Field; readonly steps: readonly (string | number)[] }

export type Expression =
  | { readonly kind: 'and' | 'or'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'not'; readonly inner: Expression }
  | { readonly kind: 'compare'; readonly by: Comparison; readonly left: Operand; readonly right: Operand }
  /** The operand is there, and neither null nor false. */
  | { readonly kind: 'holds'; readonly operand: Operand }
