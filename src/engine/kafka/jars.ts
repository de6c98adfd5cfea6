import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { isMissing, readIfPresent } from '../durable-file.ts'
import { engineError } from '../errors.ts'
import { findJava } from '../java.ts'
import { FileLock } from '../lock.ts'
import { copyWithMaven } from '../maven.ts'
import type { ProgressListener } from '../report.ts'
import type { LoggingFlavour } from './versions.ts'
import { compareVersions, kafkaArtifacts, kafkaVersion } from './versions.ts'

/** Which Kafka: a pinned version that Maven fetches, or the folder of an unpacked one. */
export type KafkaSource = { readonly version: string } | { readonly home: string }

/** The jars of one Kafka, ready to be run. */
export type KafkaJars = {
  readonly version: string
  /** Full paths in a fixed order: the class-data archive is valid only for the very same class path. */
  readonly classPath: readonly string[]
  /** Changes when any jar changes. */
  readonly fingerprint: string
  readonly logging: LoggingFlavour
}

/** What stands beside the jars: their sizes are compared at every use, their digests when asked for. */
type Manifest = {
  readonly version: string
  readonly jars: Record<string, { readonly bytes: number; readonly sha256: string }>
}

const FETCH_WAIT_MS = 20 * 60_000
const HOME_VERSION_MIN = '3.9.0'

/**
 * The jars of a Kafka, fetched through Maven into `<cache>/kafka/<version>` when they are not there or not
 * whole. The folder appears in one rename, so a half download is never taken for a whole one; two processes
 * that want the same version wait for each other. JAVA_MISSING, MAVEN_MISSING, MAVEN_FAILED,
 * KAFKA_VERSION_UNSUPPORTED, KAFKA_HOME_INVALID.
 */
export async function ensureKafka(
  source: KafkaSource,
  options: {
    readonly cacheDirectory: string
    readonly progress?: ProgressListener
    /** Ends the wait and the download; the promise then rejects with its reason. */
    readonly signal?: AbortSignal
  },
): Promise<KafkaJars> {
  if ('home' in source) return jarsOfHome(source.home)
  const { version, logging } = kafkaVersion(source.version)
  const folder = join(options.cacheDirectory, 'kafka', version)
  const present = await readManifest(folder, version)
  if (present !== undefined) return jarsOf(folder, present, logging)
  const { progress = () => {}, signal = new AbortController().signal } = options
  const waiting = () => progress({ step: 'jars', text: `Waiting until Kafka ${version} has been fetched` })
  const lock = await FileLock.acquire(`${folder}.lock`, FETCH_WAIT_MS, { onWait: waiting, signal })
  try {
    const manifest =
      (await readManifest(folder, version)) ?? (await fetchJars(folder, version, { progress, signal }))
    return jarsOf(folder, manifest, logging)
  } finally {
    lock.release()
  }
}

/** The names of jars whose content is not what was fetched; for `doctor`, since it reads every byte. */
export async function damagedJars(version: string, cache: string): Promise<string[]> {
  const folder = join(cache, 'kafka', version)
  const manifest = await readManifest(folder, version)
  if (manifest === undefined) return []
  const damaged: string[] = []
  for (const [name, { sha256 }] of Object.entries(manifest.jars)) {
    if ((await digest(join(folder, 'libs', name))) !== sha256) damaged.push(name)
  }
  return damaged
}

async function fetchJars(
  folder: string,
  version: string,
  { progress, signal }: { progress: ProgressListener; signal: AbortSignal },
): Promise<Manifest> {
  const parent = join(folder, '..')
  await mkdir(parent, { recursive: true })
  await removeAbandoned(parent, version)
  const work = await mkdtemp(join(parent, `.${version}-`))
  try {
    const text = `Fetching Kafka ${version} through Maven`
    progress({ step: 'jars', text, done: 0 })
    let done = 0
    const onFile = (name: string) => {
      if (name.endsWith('.jar')) progress({ step: 'jars', text, done: ++done })
    }
    const [java, libs] = [await findJava(), join(work, 'libs')]
    await copyWithMaven({
      java,
      artifacts: kafkaArtifacts(kafkaVersion(version)),
      workDirectory: work,
      libs,
      onFile,
      signal,
    })
    const manifest = await describe(libs, version)
    await writeFile(join(work, 'manifest.json'), `${JSON.stringify(manifest, null, 1)}\n`)
    // Whatever stands there is not whole, otherwise it would have been used.
    await rm(folder, { recursive: true, force: true })
    await rename(work, folder)
    return manifest
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** Removes what killed runs left; nobody else is at work on this version while we hold its lock. */
async function removeAbandoned(parent: string, version: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (name.startsWith(`.${version}-`)) await rm(join(parent, name), { recursive: true, force: true })
  }
}

async function describe(libs: string, version: string): Promise<Manifest> {
  const jars: Record<string, { bytes: number; sha256: string }> = {}
  for (const name of await jarNames(libs)) {
    const path = join(libs, name)
    jars[name] = { bytes: (await stat(path)).size, sha256: await digest(path) }
  }
  if (jars[`kafka_2.13-${version}.jar`] === undefined || jars[`kafka-clients-${version}.jar`] === undefined) {
    throw engineError(
      'MAVEN_FAILED',
      `Maven reported success but Kafka ${version} is not among its ${Object.keys(jars).length} jars`,
    )
  }
  return { version, jars }
}

/** The manifest, if every jar that it names is there with the size that it says. */
async function readManifest(folder: string, version: string): Promise<Manifest | undefined> {
  const text = await readIfPresent(join(folder, 'manifest.json'))
  if (text === undefined) return undefined
  const manifest = parseManifest(text)
  if (manifest?.version !== version) return undefined
  const sizes = await Promise.all(
    Object.keys(manifest.jars).map((name) => sizeOf(join(folder, 'libs', name))),
  )
  const whole = Object.values(manifest.jars).every(({ bytes }, at) => bytes === sizes[at])
  return whole ? manifest : undefined
}

function parseManifest(text: string): Manifest | undefined {
  try {
    const value: unknown = JSON.parse(text)
    const usable = typeof value === 'object' && value !== null && 'version' in value && 'jars' in value
    return usable ? (value as Manifest) : undefined
  } catch {
    // Not whole: fetched again.
    return undefined
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if (isMissing(error)) return -1
    throw error
  }
}

function jarsOf(folder: string, manifest: Manifest, logging: LoggingFlavour): KafkaJars {
  const names = Object.keys(manifest.jars).sort()
  const hash = createHash('sha256')
  for (const name of names) hash.update(`${name} ${manifest.jars[name]?.sha256}\n`)
  const classPath = names.map((name) => join(folder, 'libs', name))
  return { version: manifest.version, classPath, fingerprint: hash.digest('hex').slice(0, 16), logging }
}

/**
 * Reads an unpacked Kafka: its version is in the name of its own jars, its changes are seen by name, size and
 * time.
 */
async function jarsOfHome(home: string): Promise<KafkaJars> {
  const libs = join(home, 'libs')
  const names = await jarNames(libs).catch((error: unknown) => {
    if (isMissing(error)) throw engineError('KAFKA_HOME_INVALID', `There is no folder ${libs}`)
    throw error
  })
  const version = names
    .map((name) => /^kafka-clients-(\d+\.\d+\.\d+.*)\.jar$/.exec(name)?.[1])
    .find((found) => found)
  if (version === undefined || !names.some((name) => name.startsWith('kafka_2.'))) {
    throw engineError('KAFKA_HOME_INVALID', `${libs} holds no kafka-clients and kafka_2.* jars`)
  }
  if (compareVersions(version, HOME_VERSION_MIN) < 0) {
    throw engineError(
      'KAFKA_VERSION_UNSUPPORTED',
      `${home} is Kafka ${version}; kmc runs ${HOME_VERSION_MIN} and newer`,
    )
  }
  const classPath = names.map((name) => join(libs, name))
  const hash = createHash('sha256')
  for (const path of classPath) {
    const { size, mtimeMs } = await stat(path)
    hash.update(`${path} ${size} ${mtimeMs}\n`)
  }
  const logging = names.some((name) => name.startsWith('log4j-core-')) ? 'log4j2' : 'reload4j'
  return { version, classPath, fingerprint: hash.digest('hex').slice(0, 16), logging }
}

async function jarNames(libs: string): Promise<string[]> {
  return (await readdir(libs)).filter((name) => name.endsWith('.jar')).sort()
}

async function digest(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}
