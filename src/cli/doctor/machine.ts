import { constants } from 'node:fs'
import { access, mkdir, readdir, statfs } from 'node:fs/promises'
import { totalmem } from 'node:os'
import { join } from 'node:path'
import { messageOf } from '../../base/error.ts'
import { cacheDirectory } from '../../engine/cache-directory.ts'
import { findJava } from '../../engine/java.ts'
import { damagedJars } from '../../engine/kafka/jars.ts'
import { findMaven } from '../../engine/maven.ts'
import { formatBytes } from '../terminal/units.ts'
import { type Finding, failed, fromError, ok, warning } from './finding.ts'

const GIB = 1024 ** 3
/** A broker fills its first segments and indexes with tens of MiB; below this, writes fail soon. */
const DISK_FREE_MIN = GIB / 4
const DISK_FREE_LOW = 2 * GIB
/** Two managed clusters and a link worker. */
const MEMORY_LOW = GIB

/**
 * What this machine offers. `needsEngine`: the fleet has managed clusters, so a missing Java is a failure and not
 * only a warning.
 */
export async function machineFindings(dataDirectory: string, needsEngine: boolean): Promise<Finding[]> {
  const cache = cacheDirectory()
  const found = await Promise.all([
    nodeFinding(),
    javaFinding(needsEngine),
    mavenFinding(cache, needsEngine),
    cacheFinding(cache),
    diskFinding('disk (cache)', cache),
    diskFinding('disk (data)', dataDirectory),
    memoryFinding(),
  ])
  return found
}

function nodeFinding(): Finding {
  return ok('node', `${process.version} (${process.execPath})`, { version: process.version })
}

async function javaFinding(needsEngine: boolean): Promise<Finding> {
  try {
    const { major, home, build } = await findJava()
    return ok('java', `Java ${major} (${home})`, { major, home, build })
  } catch (error) {
    return fromError('java', error, needsEngine ? 'failed' : 'warning')
  }
}

/** Maven is only needed to fetch a Kafka that is not there yet. */
async function mavenFinding(cache: string, needsEngine: boolean): Promise<Finding> {
  try {
    return ok('maven', findMaven())
  } catch (error) {
    const isUrgent = needsEngine && (await fetchedKafkas(cache)).length === 0
    return fromError('maven', error, isUrgent ? 'failed' : 'warning')
  }
}

async function cacheFinding(cache: string): Promise<Finding> {
  try {
    await mkdir(cache, { recursive: true })
    await access(cache, constants.W_OK)
  } catch (error) {
    const remedy = 'Make the folder writable for you, or set KMC_CACHE to one that is.'
    return failed('cache', `${cache} cannot be written: ${messageOf(error)}`, remedy)
  }
  const versions = await fetchedKafkas(cache)
  const damaged = await Promise.all(versions.map(async (version) => await damagedJars(version, cache)))
  const bad = versions.filter((_, index) => damaged[index]!.length > 0)
  if (bad.length > 0) {
    const remedy = bad.map((version) => `rm -r '${join(cache, 'kafka', version)}'`).join('; ')
    return failed(
      'cache',
      `Kafka ${bad.join(', ')} in ${cache} is damaged`,
      `It is fetched again after: ${remedy}`,
    )
  }
  const holds =
    versions.length === 0 ? 'no Kafka yet; it is fetched when first needed' : `Kafka ${versions.join(', ')}`
  return ok('cache', `${cache}: ${holds}`, { path: cache, kafka: versions })
}

async function fetchedKafkas(cache: string): Promise<string[]> {
  const names = await readdir(join(cache, 'kafka')).catch(() => [])
  return names.filter((name) => /^\d+\.\d+\.\d+$/.test(name)).sort()
}

async function diskFinding(check: string, path: string): Promise<Finding> {
  try {
    const { bavail, bsize } = await statfs(path)
    const freeBytes = bavail * bsize
    const detail = `${formatBytes(freeBytes)} free at ${path}`
    const facts = { path, freeBytes }
    if (freeBytes < DISK_FREE_MIN)
      return failed(check, detail, 'Free some space: brokers stop when the disk is full.', facts)
    if (freeBytes < DISK_FREE_LOW)
      return warning(check, detail, 'Free some space before writing much.', facts)
    return ok(check, detail, facts)
  } catch (error) {
    return fromError(check, error, 'warning')
  }
}

function memoryFinding(): Finding {
  const bytes =
    process.constrainedMemory() > 0 ? Math.min(process.constrainedMemory(), totalmem()) : totalmem()
  const detail = `${formatBytes(bytes)}; a managed broker takes about 170 MiB`
  return bytes < MEMORY_LOW
    ? warning('memory', detail, 'Run fewer brokers here, or lower heapMiB of the clusters.', { bytes })
    : ok('memory', detail, { bytes })
}
