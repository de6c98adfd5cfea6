/** A stretch of the file's text, in UTF-16 units from its start; `end` is exclusive. */
export type Span = { readonly start: number; readonly end: number }

/** One value of the file as plain data, with the places it and its key stand at. */
export type TreeNode = {
  readonly value: unknown
  readonly span: Span
  /** Where the key of this value stands; null for the root and for list items. */
  readonly keySpan: Span | null
  readonly children: ReadonlyMap<string | number, TreeNode>
}

export type Path = readonly (string | number)[]

/** The node at a path, or null when the file has nothing there. */
export function nodeAt(root: TreeNode, path: Path): TreeNode | null {
  let node: TreeNode | undefined = root
  for (const step of path) {
    node = node.children.get(step)
    if (node === undefined) return null
  }
  return node
}

/** The entries of the map at a top-level key; none when there is no map. */
export function entriesAt(root: TreeNode, key: string): ReadonlyMap<string, TreeNode> {
  const node = root.children.get(key)
  const isMap = node !== undefined && !Array.isArray(node.value)
  return isMap ? (node.children as ReadonlyMap<string, TreeNode>) : new Map()
}

/** Where to point at for a path: the value, its key, or (when it is missing) the nearest parent's key. */
export function spotOf(root: TreeNode, path: Path, part: 'key' | 'value'): Span {
  const node = nodeAt(root, path)
  if (node !== null) return part === 'key' ? (node.keySpan ?? node.span) : node.span
  if (path.length === 0) return root.span
  return spotOf(root, path.slice(0, -1), 'key')
}

/** `links.dr.topics[0]`, as an operator would say it. */
export function pathText(path: Path): string {
  let text = ''
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`
    else if (/^[\w-]{1,60}$/.test(step)) text += text === '' ? step : `.${step}`
    else text += `[${JSON.stringify(step.slice(0, 60)).replaceAll(/[\p{Cc}\p{Cf}]/gu, '·')}]`
  }
  return text
}
