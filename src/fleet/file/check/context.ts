import type { Fleet } from '../fleet.ts'
import { shownName } from '../printable.ts'
import { didYouMean } from '../suggest.ts'
import { type Path, spotOf, type TreeNode } from '../tree.ts'
import type { Finding } from '../yaml.ts'

/** What the checks across a file work on, and where they leave what they find. */
export type CheckContext = {
  readonly root: TreeNode
  /** The clusters and links whose own keys are right. */
  readonly fleet: Fleet
  /** Every cluster the file names, also those with errors of their own. */
  readonly clusterNames: readonly string[]
  readonly findings: Finding[]
  readonly remarks: Finding[]
}

/** An error at the value of `path` (or at its key). */
export function report(
  context: CheckContext,
  path: Path,
  message: string,
  part: 'key' | 'value' = 'value',
): void {
  context.findings.push({ path, span: spotOf(context.root, path, part), message })
}

/** Something worth knowing that stops nothing. */
export function remark(context: CheckContext, path: Path, message: string): void {
  context.remarks.push({ path, span: spotOf(context.root, path, 'key'), message })
}

/** An error at a name that should be one of a cluster and is not. */
export function checkClusterName(context: CheckContext, path: Path, name: unknown): void {
  if (typeof name !== 'string' || context.clusterNames.includes(name)) return
  const near = didYouMean(name, context.clusterNames)
  const known = near === '' ? `; the clusters are ${context.clusterNames.join(', ') || 'none'}` : near
  report(context, path, `unknown cluster ${shownName(name)}${known}`)
}
