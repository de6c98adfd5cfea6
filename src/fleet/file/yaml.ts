import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  type Node,
  parseDocument,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml'
import type { Path, Span, TreeNode } from './tree.ts'
import { yamlMessages } from './yaml-messages.ts'

/** Values in one file, each alias counted with all it stands for: this is what stops an alias bomb. */
const FLEET_FILE_VALUES_MAX = 50_000
/** Deepest nesting; the schema needs 6. */
const FLEET_FILE_DEPTH_MAX = 32

/** Something wrong at a place of the file. */
export type Finding = { readonly path: Path; readonly span: Span; readonly message: string }

export type ParsedYaml = {
  /** Null when the text is not YAML, or holds nothing. */
  readonly root: TreeNode | null
  readonly findings: readonly Finding[]
}

/**
 * YAML 1.2 (core schema) as plain data with places. Never throws for anything the text contains: every problem is a
 * finding. Duplicate keys, custom tags, keys that are not text and `<<` are findings too.
 */
export function parseYaml(text: string): ParsedYaml {
  const document = parseDocument(text, {
    version: '1.2',
    prettyErrors: false,
    // The package compares each key with all before it: minutes on a hostile file. The walk below uses a map.
    uniqueKeys: false,
    stringKeys: false,
    strict: true,
  })
  const findings: Finding[] = [...document.errors, ...document.warnings].map((problem) => ({
    path: [],
    span: { start: problem.pos[0], end: problem.pos[1] },
    message: yamlMessages[problem.code] ?? yamlMessages.IMPOSSIBLE,
  }))
  const version = document.directives?.yaml
  if (version?.explicit && version.version !== '1.2') {
    findings.push({ path: [], span: { start: 0, end: 1 }, message: 'a fleet file is YAML 1.2' })
  }
  if (findings.length > 0 || document.contents === null || document.contents === undefined) {
    return { root: null, findings }
  }
  const walk = new Walk(document)
  const root = walk.node(document.contents as Node, [], null)
  return { root, findings: walk.findings }
}

class Walk {
  readonly findings: Finding[] = []
  readonly #anchors = new Map<string, Node>()
  readonly #open = new Set<Node>()
  readonly #length: number
  #values = 0

  constructor(document: Document.Parsed) {
    this.#length = document.range[1]
  }

  node(node: Node | null, path: Path, keySpan: Span | null): TreeNode {
    const span = this.#spanOf(node, keySpan)
    this.#values++
    if (this.#values > FLEET_FILE_VALUES_MAX || path.length > FLEET_FILE_DEPTH_MAX) {
      if (!this.#exhausted) this.#find(path, span, 'the file holds too many values, or nests them too deeply')
      this.#exhausted = true
      return leaf(null, span, keySpan)
    }
    if (node === null) return leaf(null, span, keySpan)
    if (isAlias(node)) return this.#alias(node, path, span, keySpan)
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node)
    if (isScalar(node)) return leaf(node.value, span, keySpan)
    this.#open.add(node)
    const built = isMap(node)
      ? this.#map(node, path, span, keySpan)
      : this.#list(node as YAMLSeq<Node>, path, span, keySpan)
    this.#open.delete(node)
    return built
  }

  #exhausted = false

  #alias(alias: Alias, path: Path, span: Span, keySpan: Span | null): TreeNode {
    const target = this.#anchors.get(alias.source)
    if (target === undefined || this.#open.has(target)) {
      const why =
        target === undefined
          ? 'this YAML alias refers to nothing above it; put text that begins with * in quotes'
          : 'this YAML alias refers to a value it is part of'
      this.#find(path, span, why)
      return leaf(null, span, keySpan)
    }
    return { ...this.node(target, path, keySpan), span }
  }

  #map(map: YAMLMap, path: Path, span: Span, keySpan: Span | null): TreeNode {
    const value: Record<string, unknown> = Object.create(null)
    const children = new Map<string, TreeNode>()
    for (const pair of map.items) {
      if (this.#exhausted) break
      const keyNode = pair.key as Node | null
      const at = this.#spanOf(keyNode, span)
      const key = keyOf(keyNode)
      if (key === null) {
        this.#find(path, at, 'keys must be plain text')
      } else if (key === '<<') {
        this.#find(path, at, 'merge keys (<<) are not part of YAML 1.2; write the keys out')
      } else if (key === '__proto__') {
        this.#find(path, at, 'this key is not allowed')
      } else if (children.has(key)) {
        this.#find([...path, key], at, 'this key was given before')
      } else {
        const child = this.node(pair.value as Node | null, [...path, key], at)
        value[key] = child.value
        children.set(key, child)
      }
    }
    return { value, span, keySpan, children }
  }

  #list(list: YAMLSeq<Node>, path: Path, span: Span, keySpan: Span | null): TreeNode {
    const children = new Map<number, TreeNode>()
    for (const item of list.items) {
      if (this.#exhausted) break
      const index = children.size
      children.set(index, this.node(item, [...path, index], null))
    }
    return { value: [...children.values()].map((child) => child.value), span, keySpan, children }
  }

  #find(path: Path, span: Span, message: string): void {
    this.findings.push({ path, span, message })
  }

  #spanOf(node: Node | null, fallback: Span | null): Span {
    const range = node?.range
    if (range === undefined || range === null) return fallback ?? { start: 0, end: this.#length }
    return { start: range[0], end: Math.max(range[1], range[0]) }
  }
}

function leaf(value: unknown, span: Span, keySpan: Span | null): TreeNode {
  return { value, span, keySpan, children: new Map() }
}

/** A key as the operator wrote it: `1`, `yes` and `null` are names here, not numbers or booleans. */
function keyOf(node: Node | null): string | null {
  if (!isScalar(node)) return null
  const scalar: Scalar = node
  if (typeof scalar.value === 'string') return scalar.value
  return scalar.source === undefined || scalar.source === '' ? null : scalar.source
}

/** For messages about a value that stands where a map was expected. */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'an empty value'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a map of keys'
  if (typeof value === 'boolean') return 'true or false'
  return typeof value === 'number' || typeof value === 'bigint' ? 'a number' : 'text'
}
