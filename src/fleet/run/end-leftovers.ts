import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { isMissing } from '../../engine/durable-file.ts'
import { recordFile } from '../../engine/kafka/cluster-record.ts'
import { nodePaths } from '../../engine/kafka/properties.ts'
import { readClusterRecord } from '../../engine/kafka/state-file.ts'
import { FileLock } from '../../engine/lock.ts'
import { endLeftover } from '../../engine/processes/pid-file.ts'
import type { RunPaths } from './run-paths.ts'

/** What was found of one managed cluster that no supervisor looks after any more. */
export type Leftover =
  | { readonly cluster: string; readonly ended: readonly number[] }
  /** Another process holds the cluster: it is not left over. */
  | { readonly cluster: string; readonly heldByAnother: true }

const GRACE_MS = 15_000

/**
 * Ends brokers that a killed supervisor left behind, as their pid files name them. All clusters are looked at side
 * by side; one that another process runs is left alone.
 */
export async function endLeftovers(paths: RunPaths): Promise<Leftover[]> {
  const names = await clusterNames(paths)
  return await Promise.all(names.map((cluster) => endLeftoversOf(cluster, join(paths.clusters, cluster))))
}

async function endLeftoversOf(cluster: string, directory: string): Promise<Leftover> {
  const lock = FileLock.tryAcquire(join(directory, 'lock'))
  if (lock === undefined) return { cluster, heldByAnother: true }
  try {
    const record = await readClusterRecord(recordFile(directory))
    const ended = await Promise.all(
      (record?.nodes ?? []).map(({ id }) => endLeftover(nodePaths(directory, id).pidFile, GRACE_MS)),
    )
    return { cluster, ended: ended.filter((pid) => pid !== undefined) }
  } finally {
    lock.release()
  }
}

/** Clusters that were made here, whatever the fleet file says now. */
export async function clusterNames(paths: RunPaths): Promise<string[]> {
  try {
    const entries = await readdir(paths.clusters, { withFileTypes: true })
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}
