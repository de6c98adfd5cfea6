import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertGenerated } from '../kit/golden.ts'
import { errorTables } from './pages/error-tables.ts'
import { errorsPage } from './pages/errors-page.ts'
import { isTest, place, read, typescript } from './project.ts'
import { lineOf, SyntaxKind, treeOf, walk } from './syntax.ts'

const tables = await errorTables()
const codes = new Set(tables.flatMap(({ errors }) => Object.keys(errors)))
const sources = typescript.filter((path) => path.startsWith('src/') && !isTest(path))

test('docs/reference/errors.md says what the tables say', () => {
  assertGenerated('docs/reference/errors.md', errorsPage(tables))
})

test('a code stands in one table only, and is written in capitals', () => {
  const all = tables.flatMap(({ errors }) => Object.keys(errors))
  const wrong = all.filter((code, index) => all.indexOf(code) !== index || !/^[A-Z][A-Z0-9_]+$/.test(code))
  assert.deepEqual(wrong, [])
})

test('titles and remedies are sentences', () => {
  const wrong = tables.flatMap(({ errors }) =>
    Object.entries(errors)
      .filter(
        ([, { title, remedy }]) => title.endsWith('.') || !/[.)\]`\w]$/.test(remedy) || remedy.length < 10,
      )
      .map(([code]) => code),
  )
  assert.deepEqual(wrong, [])
})

test('every error that is made has its code in a table', () => {
  const unknown = sources.flatMap((path) => {
    const tree = treeOf(path)
    if (tree === null) return []
    const found: string[] = []
    walk(tree, (node) => {
      if (node.kind !== SyntaxKind.NewExpression) return
      const code = /^new \w*Error\(\s*'([A-Z][A-Z0-9_]+)'/.exec(node.getText(tree))?.[1]
      if (code !== undefined && !codes.has(code)) found.push(`${place(path, lineOf(tree, node))} ${code}`)
    })
    return found
  })
  assert.deepEqual(unknown, [])
})

test('every code of the tables is raised somewhere', () => {
  const unused = [...codes].filter((code) => {
    const word = new RegExp(`\\b${code}\\b`)
    // Its entry in the table is `CODE: {`; any other mention raises it or reacts to it.
    return !sources.some((path) =>
      read(path).lines.some((line) => word.test(line) && !line.trim().startsWith(`${code}: {`)),
    )
  })
  assert.deepEqual(unused, [])
})
