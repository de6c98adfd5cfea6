import { join } from 'node:path'
import { after } from 'node:test'
import type { Node, SourceFile } from 'typescript/unstable/ast'
import { API } from 'typescript/unstable/sync'
import { root } from '../run/suites.ts'

export { SyntaxKind } from 'typescript/unstable/ast'
export type { Node, SourceFile }

const api = new API({ cwd: root })
after(() => api.close())
const configs = ['tsconfig.json', 'console/tsconfig.json'].map((path) => join(root, path))
const projects = api.updateSnapshot({ openProjects: configs }).getProjects()

/** The syntax tree of a file, null when the compiler's projects leave it out. */
export function treeOf(path: string): SourceFile | null {
  for (const { program } of projects) {
    const tree = program.getSourceFile(join(root, path))
    if (tree !== undefined) return tree
  }
  return null
}

/** Calls `visit` for the node and everything under it. */
export function walk(node: Node, visit: (node: Node) => void): void {
  visit(node)
  node.forEachChild((child) => walk(child, visit))
}

/** The line of a node, counted from 0. */
export function lineOf(tree: SourceFile, node: Node): number {
  return tree.getLineAndCharacterOfPosition(node.getStart(tree)).line
}
