import type { Comparison, Expression, Field, Operand } from './ast.ts'
import { isLike } from './like.ts'

/** What a filter is asked of: each field by its name, looked up only when the filter names it. */
export type Subject = { readonly [Name in Field]: unknown }

/** Whether a filter holds for a record. What is not there equals null, and no comparison of order holds for it. */
export function holds(expression: Expression, subject: Subject): boolean {
  switch (expression.kind) {
    case 'and':
      return holds(expression.left, subject) && holds(expression.right, subject)
    case 'or':
      return holds(expression.left, subject) || holds(expression.right, subject)
    case 'not':
      return !holds(expression.inner, subject)
    case 'compare':
      return compare(expression.by, read(expression.left, subject), read(expression.right, subject))
    case 'holds': {
      const value = read(expression.operand, subject)
      return value !== null && value !== false
    }
  }
}

function read(operand: Operand, subject: Subject): unknown {
  if (operand.kind === 'literal') return operand.value
  let value = subject[operand.field]
  for (const step of operand.steps) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return null
    value = (value as Record<string | number, unknown>)[step]
  }
  return value ?? null
}

function compare(by: Comparison, left: unknown, right: unknown): boolean {
  switch (by) {
    case '==':
      return left === right
    case '!=':
      return left !== right
    case '<':
      return order(left, right) < 0
    case '<=':
      return order(left, right) <= 0
    case '>':
      return order(left, right) > 0
    case '>=':
      return order(left, right) >= 0
    case 'contains':
      return Array.isArray(left) ? left.includes(right) : textOf(left).includes(textOf(right))
    case 'startsWith':
      return textOf(left).startsWith(textOf(right))
    case 'endsWith':
      return textOf(left).endsWith(textOf(right))
    case 'like':
      return isLike(textOf(left), textOf(right))
  }
}

/** Below, at or above 0; NaN, which is none of them, across types: no guess is made there. */
function order(left: unknown, right: unknown): number {
  if (typeof left === 'number' && typeof right === 'number') return left - right
  if (typeof left !== 'string' || typeof right !== 'string') return Number.NaN
  return left < right ? -1 : left > right ? 1 : 0
}

/** Text to look in: of an object its JSON, so that `value contains "x"` looks everywhere. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : value === null ? '' : JSON.stringify(value)
}
