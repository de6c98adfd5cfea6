import assert from 'node:assert/strict'
import { posix } from 'node:path'
import { test } from 'node:test'
import { exportsOf, importsOf } from './modules.ts'
import { isGenerated, isTest, place, read, typescript } from './project.ts'
import { lineOf, type Node, SyntaxKind, treeOf, walk } from './syntax.ts'

/** Programs: what starts them is a person, the launcher, or another process by their path. */
const entries: readonly RegExp[] = [
  /^src\/cli\/main\.ts$/,
  /^console\/src\/main\.tsx$/,
  /^src\/wire\/generate\/main\.ts$/,
  /^bench\/[^/]+\.ts$/,
  /^sim\/main\.ts$/,
  /^test\/golden\/capture\/main\.ts$/,
  /\.test\.ts$/,
]

const sources = typescript.filter((path) => !isGenerated(path))

/** Per file: the names that others take from it; `all` where a namespace or dynamic import takes everything. */
const taken = new Map<string, { all: boolean; names: Set<string> }>()
for (const path of typescript) {
  for (const { target, names } of importsOf(path)) {
    if (target === null) continue
    const entry = taken.get(target) ?? { all: false, names: new Set() }
    if (names === null) entry.all = true
    for (const name of names ?? []) entry.names.add(name)
    taken.set(target, entry)
  }
}

test('every file is used', () => {
  const started = new Set(sources.flatMap(startedByPath))
  const unused = sources.filter(
    (path) => !taken.has(path) && !started.has(path) && !entries.some((entry) => entry.test(path)),
  )
  assert.deepEqual(unused, [])
})

/** `new URL('./worker.ts', import.meta.url)` and the like: a process or thread is made of that file. */
function startedByPath(path: string): string[] {
  return [...read(path).text.matchAll(/['"`]([\w./-]+\.ts)['"`]/g)].flatMap(([, name]) => [
    posix.join(posix.dirname(path), name!),
    posix.normalize(name!),
  ])
}

test('every export is used by another file', () => {
  const unused = sources.flatMap((path) => {
    const uses = taken.get(path)
    if (uses?.all || isTest(path)) return []
    const own = ownUses(path)
    return exportsOf(path)
      .filter(({ name }) => !uses?.names.has(name))
      .filter(({ name, isType }) => !(isType && own.has(name)) && !isRoomTable(path, name))
      .map(({ name, line }) => `${place(path, line)} ${name}`)
  })
  assert.deepEqual(unused, [])
})

/** The page of errors reads these tables from every room. */
function isRoomTable(path: string, name: string): boolean {
  return path.endsWith('/errors.ts') && name.endsWith('Errors')
}

/** Names of types that the file itself mentions: a type in the signature of an export is part of that export. */
function ownUses(path: string): Set<string> {
  const names = new Set<string>()
  const tree = treeOf(path)
  if (tree !== null) {
    walk(tree, (node: Node) => {
      if (node.kind !== SyntaxKind.TypeReference && node.kind !== SyntaxKind.TypeQuery) return
      names.add(/^(?:typeof\s+)?(\w+)/.exec(node.getText(tree))?.[1] ?? '')
    })
  }
  return names
}

test('nothing is of type any, and no check is switched off', () => {
  const wrong = sources.flatMap((path) => {
    const tree = treeOf(path)
    if (tree === null) return []
    const found: string[] = []
    walk(tree, (node) => {
      if (node.kind === SyntaxKind.AnyKeyword) found.push(`${place(path, lineOf(tree, node))} any`)
    })
    const switches = read(path).lines.flatMap((line, index) =>
      /@ts-(ignore|expect-error|nocheck)/.test(line) && !path.startsWith('test/tidy/')
        ? [place(path, index)]
        : [],
    )
    return [...found, ...switches]
  })
  assert.deepEqual(wrong, [])
})
