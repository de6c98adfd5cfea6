import type { z } from 'zod'
import { unknownKeyMessage } from './keys.ts'
import { shownName } from './printable.ts'
import { isShownKey } from './redact.ts'
import { didYouMean } from './suggest.ts'
import { nodeAt, type Path, spotOf, type TreeNode } from './tree.ts'
import { type Finding, kindOf } from './yaml.ts'

const expectedWords: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map of keys',
  record: 'a map of names',
}

/**
 * zod's issues in the words of this file. Values are never quoted, except words that had to be one of a list: a value
 * in the wrong place can be a password.
 */
function schemaMessage(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type': {
      const expected = expectedWords[issue.expected] ?? issue.expected
      if (issue.input === undefined) return `is missing; expected ${expected}`
      if (issue.expected === 'int') return `expected ${expected}`
      return `expected ${expected}, got ${kindOf(issue.input)}`
    }
    case 'invalid_value': {
      const values = issue.values.map(String)
      const near = typeof issue.input === 'string' ? didYouMean(issue.input, values) : ''
      return `expected ${listed(values)}${near}`
    }
    case 'invalid_union':
      return 'expected text, a number, or true or false'
    case 'too_small':
      return issue.origin === 'string' ? 'cannot be empty' : `must be ${issue.minimum} or more`
    case 'too_big':
      return issue.origin === 'array' || issue.origin === 'string'
        ? `can have at most ${issue.maximum}`
        : `must be ${issue.maximum} or less`
    default:
      return undefined
  }
}

/** Checks a part of the file at `base` against its schema; gives its typed value, or adds findings and gives null. */
export function checkPart<T extends z.ZodType>(
  schema: T,
  value: unknown,
  place: { readonly root: TreeNode; readonly base: Path },
  findings: Finding[],
): z.output<T> | null {
  const result = schema.safeParse(value, { error: schemaMessage })
  if (result.success) return result.data
  for (const issue of result.error.issues) {
    const path = [...place.base, ...issue.path.map(stepOf)]
    findings.push(...findingsOf(place.root, path, issue))
  }
  return null
}

/** YAML has text and number keys only, so a symbol cannot come here. */
function stepOf(step: PropertyKey): string | number {
  return typeof step === 'number' ? step : String(step)
}

function findingsOf(root: TreeNode, path: Path, issue: z.core.$ZodIssue): Finding[] {
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKeyFinding(root, path, key))
    case 'invalid_key':
      return [{ path, span: spotOf(root, path, 'key'), message: issue.issues[0]?.message ?? issue.message }]
    case 'invalid_union':
      return unionFindings(root, path, issue)
    default:
      return [{ path, span: spotOf(root, path, 'value'), message: issue.message }]
  }
}

function unknownKeyFinding(root: TreeNode, path: Path, key: string): Finding {
  const inSecrets = path[2] === 'sasl' || path[2] === 'tls' || (path[0] === 'server' && path.length > 1)
  return {
    path: inSecrets && !isShownKey(key) ? path : [...path, key],
    span: spotOf(root, [...path, key], 'key'),
    message: unknownKeyMessage(root, path, key),
  }
}

/** Of several allowed shapes, the one whose outline fits says what is wrong; when none fits, the union says it. */
function unionFindings(root: TreeNode, path: Path, issue: z.core.$ZodIssueInvalidUnion): Finding[] {
  if (issue.discriminator !== undefined) return [discriminatorFinding(root, path)]
  const value = nodeAt(root, path)?.value
  const structural = typeof value === 'object' && value !== null
  const inner = structural
    ? issue.errors.find((branch) =>
        branch.some((one) => one.path.length > 0 || one.code === 'unrecognized_keys'),
      )
    : undefined
  if (inner === undefined) return [{ path, span: spotOf(root, path, 'value'), message: issue.message }]
  return inner.flatMap((one) => findingsOf(root, [...path, ...one.path.map(stepOf)], one))
}

const MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER']

/** The only union that is told apart by a key is `sasl`; zod's path already ends with `mechanism`. */
function discriminatorFinding(root: TreeNode, path: Path): Finding {
  const value = nodeAt(root, path)?.value
  const near = typeof value === 'string' ? didYouMean(value, MECHANISMS) : ''
  const message = `${value === undefined ? 'is missing; ' : ''}expected ${listed(MECHANISMS)}${near}`
  return { path, span: spotOf(root, path, 'value'), message }
}

function listed(words: readonly string[]): string {
  const shown = words.map(shownName)
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} or ${shown.at(-1)}`
}
