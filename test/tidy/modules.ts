import { posix } from 'node:path'
import { lineOf, type Node, type SourceFile, SyntaxKind, treeOf, walk } from './syntax.ts'

/** One import of a file. */
export type Import = {
  readonly specifier: string
  /** The file of the project that is meant, null for a package or a part of Node. */
  readonly target: string | null
  /** Names taken; `null` where all are (a namespace, or a dynamic import). */
  readonly names: readonly string[] | null
  readonly typeOnly: boolean
  readonly dynamic: boolean
  readonly line: number
}

/** One thing that a file offers. */
export type Export = { readonly name: string; readonly isType: boolean; readonly line: number }

/** The few properties of nodes that are read here; the compiler's own types are a union of hundreds. */
type Loose = Node & {
  readonly text?: string
  readonly name?: Loose
  readonly propertyName?: Loose
  readonly moduleSpecifier?: Loose
  readonly importClause?: Loose
  readonly namedBindings?: Loose
  readonly exportClause?: Loose
  readonly elements?: readonly Loose[]
  readonly phaseModifier?: SyntaxKind
  readonly isTypeOnly?: boolean
  readonly modifiers?: readonly Node[]
  readonly declarationList?: { readonly declarations: readonly Loose[] }
  readonly expression?: Loose
  readonly arguments?: readonly Loose[]
}

const importCache = new Map<string, Import[]>()

export function importsOf(path: string): Import[] {
  const known = importCache.get(path)
  if (known !== undefined) return known
  const found: Import[] = []
  const tree = treeOf(path)
  if (tree !== null) {
    walk(tree, (node) => {
      const entry = importAt(node as Loose, tree, path)
      if (entry !== null) found.push(entry)
    })
  }
  importCache.set(path, found)
  return found
}

function importAt(node: Loose, tree: SourceFile, path: string): Import | null {
  const make = (
    specifier: Loose | undefined,
    rest: Omit<Import, 'specifier' | 'target' | 'line'>,
  ): Import => ({
    specifier: specifier?.text ?? '',
    target: targetOf(path, specifier?.text ?? ''),
    line: lineOf(tree, node),
    ...rest,
  })
  if (node.kind === SyntaxKind.ImportDeclaration) {
    const clause = node.importClause
    const bindings = clause?.namedBindings
    const isNamespace = bindings?.kind === SyntaxKind.NamespaceImport
    const names = isNamespace ? null : (bindings?.elements ?? []).map(takenName)
    const allTypes = bindings?.elements?.every((element) => element.isTypeOnly) === true
    const typeOnly = clause?.phaseModifier === SyntaxKind.TypeKeyword || allTypes
    return make(node.moduleSpecifier, { names, typeOnly, dynamic: false })
  }
  if (node.kind === SyntaxKind.ExportDeclaration && node.moduleSpecifier !== undefined) {
    const names = node.exportClause?.elements?.map(takenName) ?? null
    return make(node.moduleSpecifier, { names, typeOnly: node.isTypeOnly === true, dynamic: false })
  }
  if (node.kind === SyntaxKind.CallExpression && node.expression?.kind === SyntaxKind.ImportKeyword) {
    return make(node.arguments?.[0], { names: null, typeOnly: false, dynamic: true })
  }
  return null
}

function takenName(element: Loose): string {
  return (element.propertyName ?? element.name)?.text ?? ''
}

function targetOf(path: string, specifier: string): string | null {
  return specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : null
}

const declarations: ReadonlyMap<SyntaxKind, boolean> = new Map([
  [SyntaxKind.FunctionDeclaration, false],
  [SyntaxKind.ClassDeclaration, false],
  [SyntaxKind.TypeAliasDeclaration, true],
  [SyntaxKind.InterfaceDeclaration, true],
])

/** What a file exports by declaring it; what it passes on from another file is an import of that file. */
export function exportsOf(path: string): Export[] {
  const tree = treeOf(path)
  const found: Export[] = []
  tree?.forEachChild((child) => {
    const node = child as Loose
    if (!node.modifiers?.some(({ kind }) => kind === SyntaxKind.ExportKeyword)) return
    const line = lineOf(tree, node)
    const isType = declarations.get(node.kind)
    if (isType !== undefined) found.push({ name: node.name?.text ?? '', isType, line })
    for (const { name } of node.declarationList?.declarations ?? []) {
      found.push({ name: name?.text ?? '', isType: false, line })
    }
  })
  return found
}
