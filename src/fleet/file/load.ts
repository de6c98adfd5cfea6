import { dirname, resolve } from 'node:path'
import { readApplied, rememberedPorts } from './applied.ts'
import { checkAlerts } from './check/alerts.ts'
import { checkClusters } from './check/clusters.ts'
import type { CheckContext } from './check/context.ts'
import { checkLinks } from './check/links.ts'
import { checkLoops } from './check/loops.ts'
import { checkRoutes } from './check/routes.ts'
import { checkServer } from './check/server.ts'
import { declare } from './declare.ts'
import type { Fleet, LoadedFleet, Remark } from './fleet.ts'
import { fleetFileInvalid, problemsOf } from './problem.ts'
import { readFleetText } from './read.ts'
import { placesUnknown, secretSpots } from './redact.ts'
import {
  alertReferences,
  passwordReferences,
  referencesOf,
  resolveReference,
  routeReferences,
  serverReferences,
} from './references.ts'
import { entriesAt, spotOf, type TreeNode } from './tree.ts'
import { type Finding, kindOf, parseYaml } from './yaml.ts'

export type LoadOptions = {
  /** First ports that managed clusters had before, so that they keep them; `loadFleet` takes them from `.kmc/`. */
  readonly rememberedPorts?: Readonly<Record<string, number>>
}
export type LoadFileOptions = LoadOptions & {
  /** `ignore` for commands that never connect (`down`, `init`): a missing variable is then no error. */
  readonly secrets?: 'check' | 'ignore'
  readonly env?: Readonly<Record<string, string | undefined>>
}

/** The fleet of a text, and what is worth remarking. */
export type ParsedFleet = { readonly fleet: Fleet; readonly remarks: readonly Remark[] }

/**
 * Reads, checks and completes a fleet file. All problems of the file are reported by one error.
 * @throws FLEET_FILE_MISSING, FLEET_FILE_UNREADABLE, FLEET_FILE_INVALID, FLEET_RECORD_INVALID
 */
export async function loadFleet(path: string, options: LoadFileOptions = {}): Promise<LoadedFleet> {
  const file = resolve(path)
  const directory = dirname(file)
  const text = await readFleetText(path)
  const ports = options.rememberedPorts ?? rememberedPorts(await readApplied(directory))
  const draft = judge(text, { rememberedPorts: ports })
  if (draft.root !== null && draft.fleet !== null && options.secrets !== 'ignore') {
    const source = { directory, env: options.env ?? process.env }
    draft.findings.push(...(await checkReferences(draft.root, draft.fleet, source)))
  }
  const { fleet, remarks } = finish(path, text, draft)
  return { fleet, remarks, file, directory }
}

/** The same for a text; `file` is only for messages, references are not looked up. @throws FLEET_FILE_INVALID */
export function parseFleet(text: string, file = 'fleet.yaml', options: LoadOptions = {}): ParsedFleet {
  return finish(file, text, judge(text, options))
}

type Draft = {
  /** Whether `root` holds all that the text does. */
  readonly isWhole: boolean
  readonly root: TreeNode | null
  readonly fleet: Fleet | null
  readonly findings: Finding[]
  readonly remarks: Finding[]
}

function judge(text: string, options: LoadOptions): Draft {
  const { root, findings: yamlFindings } = parseYaml(text)
  const findings = [...yamlFindings]
  const isWhole = findings.length === 0
  const nothing: Draft = { isWhole, root, fleet: null, findings, remarks: [] }
  if (root === null || root.value === null) {
    if (findings.length === 0) {
      const message = 'the file is empty; `kmc init dr` writes a first one'
      findings.push({ path: [], span: { start: 0, end: 1 }, message })
    }
    return nothing
  }
  if (typeof root.value !== 'object' || Array.isArray(root.value)) {
    const message = `expected the keys fleet, clusters and links, got ${kindOf(root.value)}`
    findings.push({ path: [], span: root.span, message })
    return nothing
  }
  const fleet = declare(root, options.rememberedPorts ?? {}, findings)
  const clusterNames = [...entriesAt(root, 'clusters').keys()]
  const context: CheckContext = { root, fleet, clusterNames, findings, remarks: [] }
  if (root.children.has('clusters') && clusterNames.length === 0 && findings.length === 0) {
    findings.push({
      path: ['clusters'],
      span: spotOf(root, ['clusters'], 'key'),
      message: 'a fleet has at least one cluster',
    })
  }
  checkClusters(context)
  checkLinks(context)
  checkLoops(context)
  checkRoutes(context)
  checkServer(context)
  checkAlerts(context)
  return { isWhole, root, fleet, findings, remarks: context.remarks }
}

async function checkReferences(
  root: TreeNode,
  fleet: Fleet,
  source: { directory: string; env: Readonly<Record<string, string | undefined>> },
): Promise<Finding[]> {
  const findings: Finding[] = []
  const external = Object.values(fleet.clusters).filter((cluster) => cluster.kind === 'external')
  const placed = [
    ...external.flatMap(referencesOf),
    ...Object.values(fleet.links).flatMap(passwordReferences),
    ...Object.values(fleet.routes).flatMap(routeReferences),
    ...(fleet.server === undefined ? [] : serverReferences(fleet.server)),
    ...(fleet.alerts === undefined ? [] : alertReferences(fleet.alerts)),
  ]
  for (const { path, reference, kind } of placed) {
    const resolved = await resolveReference(reference, kind, source)
    if (!resolved.ok) findings.push({ path, span: spotOf(root, path, 'value'), message: resolved.reason })
  }
  return findings
}

function finish(file: string, text: string, draft: Draft): ParsedFleet {
  const { root, fleet, findings } = draft
  const secrets = root === null ? placesUnknown : secretSpots(root, text, !draft.isWhole)
  if (findings.length > 0 || fleet === null) {
    throw fleetFileInvalid(file, problemsOf(file, text, findings, secrets))
  }
  const remarks = problemsOf(file, text, draft.remarks, secrets).map(({ path, line, column, message }) => ({
    path,
    line,
    column,
    message,
  }))
  return { fleet, remarks }
}
