import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isGenerated, isTest, place, typescript } from './project.ts'
import { lineOf, type Node, type SourceFile, SyntaxKind, treeOf, walk } from './syntax.ts'

const FUNCTION_LINES_MAX = 70
const FUNCTION_LINES_TARGET = 50
/** A ratchet: lower it when functions were split, never raise it. */
const OVER_TARGET_MAX = 0

const functionKinds: ReadonlySet<SyntaxKind> = new Set([
  SyntaxKind.FunctionDeclaration,
  SyntaxKind.FunctionExpression,
  SyntaxKind.ArrowFunction,
  SyntaxKind.MethodDeclaration,
  SyntaxKind.Constructor,
  SyntaxKind.GetAccessor,
  SyntaxKind.SetAccessor,
])

type Measured = { readonly where: string; readonly lines: number }

function functionsOf(path: string): Measured[] {
  const tree = treeOf(path)
  if (tree === null) return []
  const found: Measured[] = []
  walk(tree, (node) => {
    if (!functionKinds.has(node.kind) || isSuiteCallback(node, tree)) return
    const first = lineOf(tree, node)
    const last = tree.getLineAndCharacterOfPosition(node.getEnd()).line
    found.push({ where: place(path, first), lines: last - first + 1 })
  })
  return found
}

/** `describe(…, () => { … })` groups tests, as a file does. */
function isSuiteCallback(node: Node, tree: SourceFile): boolean {
  const parent = node.parent
  return (
    isTest(tree.fileName) &&
    parent?.kind === SyntaxKind.CallExpression &&
    /^(describe|suite)\b/.test(parent.getText(tree))
  )
}

const measured = typescript.filter((path) => !isGenerated(path)).flatMap(functionsOf)

test(`no function is longer than ${FUNCTION_LINES_MAX} lines`, () => {
  assert.deepEqual(
    measured.filter(({ lines }) => lines > FUNCTION_LINES_MAX),
    [],
  )
})

test(`functions fit on a screen of ${FUNCTION_LINES_TARGET} lines`, (context) => {
  const lengths = measured.map(({ lines }) => lines).sort((a, b) => a - b)
  const at = (share: number) => lengths[Math.min(lengths.length - 1, Math.floor(lengths.length * share))]!
  context.diagnostic(`${lengths.length} functions: median ${at(0.5)}, p90 ${at(0.9)}, longest ${at(1)} lines`)
  const long = measured.filter(({ lines }) => lines > FUNCTION_LINES_TARGET)
  assert.ok(long.length <= OVER_TARGET_MAX, `longer: ${JSON.stringify(long, null, 1)}`)
})
