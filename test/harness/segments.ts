import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { iterateBatches } from '../../src/wire/batch/header.ts'
import type { TestCluster } from './clusters.ts'

/** Damage to the files of a stopped cluster, as disks and unclean elections do it. */

/** Cuts the log of a partition off before `offset`, which must begin a batch. */
export function cutLog(cluster: TestCluster, partition: string, offset: number): void {
  const folder = folderOf(cluster, partition)
  const path = join(folder, FIRST_SEGMENT)
  truncateSync(path, placeOf(readFileSync(path), offset).at)
  const isDerived = (name: string) => /\.(index|timeindex|snapshot|txnindex)$/.test(name)
  for (const name of readdirSync(folder).filter(isDerived)) rmSync(join(folder, name))
}

/** Turns one bit in the records of the batch that begins at `offset`. */
export function damageBatch(cluster: TestCluster, partition: string, offset: number): void {
  const path = join(folderOf(cluster, partition), FIRST_SEGMENT)
  const bytes = readFileSync(path)
  const { at, size } = placeOf(bytes, offset)
  bytes[at + size - 3]! ^= 1
  writeFileSync(path, bytes)
}

const FIRST_SEGMENT = `${'0'.repeat(20)}.log`

function folderOf(cluster: TestCluster, partition: string): string {
  const all = readdirSync(cluster.directory, { recursive: true, encoding: 'utf8' })
  const found = all.find((path) => path.endsWith(`/${partition}`))
  if (found === undefined) throw new Error(`no folder of ${partition} in ${cluster.directory}`)
  return join(cluster.directory, found)
}

function placeOf(log: Buffer, offset: number): { readonly at: number; readonly size: number } {
  let at = 0
  for (const { header } of iterateBatches(log)) {
    if (header.baseOffset === offset) return { at, size: header.sizeBytes }
    at += header.sizeBytes
  }
  throw new Error(`no batch begins at offset ${offset}`)
}
