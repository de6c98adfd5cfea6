import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cacheDirectory } from '../../../src/engine/cache-directory.ts'
import { isExecutable } from '../../../src/engine/install-hint.ts'
import { findJava, type Java } from '../../../src/engine/java.ts'
import { ensureKafka, type KafkaJars } from '../../../src/engine/kafka/jars.ts'
import { defaultKafkaVersion } from '../../../src/engine/kafka/versions.ts'
import { copyWithMaven } from '../../../src/engine/maven.ts'
import { runCommand } from '../../../src/engine/processes/run-command.ts'

/** Eclipse's compiler: one jar that needs no more than a Java runtime, for machines without javac. */
const ECLIPSE_COMPILER = { group: 'org.eclipse.jdt', artifact: 'ecj', version: '3.38.0' }
const SOURCES = fileURLToPath(new URL('./harness/', import.meta.url))
const JAVA_RELEASE = '17'
const COMPILE_MS = 60_000

export type Compiled = { readonly java: Java; readonly jars: KafkaJars; readonly classPath: string }

/** Compiles the Java driver into the user's cache, unless it is there already; `kafka` is what it runs with. */
export async function compileDriver(kafka: string): Promise<Compiled> {
  const cache = cacheDirectory()
  const java = await findJava()
  const jars = await ensureKafka({ version: defaultKafkaVersion }, { cacheDirectory: cache })
  const names = (await readdir(SOURCES)).filter((name) => name.endsWith('.java')).sort()
  const hash = createHash('sha256').update(jars.fingerprint)
  for (const name of names) hash.update(await readFile(join(SOURCES, name)))
  const parent = join(cache, 'test-driver')
  const folder = join(parent, hash.digest('hex').slice(0, 16))
  const used =
    kafka === jars.version ? jars : await ensureKafka({ version: kafka }, { cacheDirectory: cache })
  const classPath = [folder, ...used.classPath].join(':')
  if (await isThere(folder)) return { java, jars, classPath }
  await mkdir(parent, { recursive: true })
  const work = await mkdtemp(join(parent, '.work-'))
  try {
    const classes = join(work, 'classes')
    const sources = names.map((name) => join(SOURCES, name))
    await compile({ java, sources, classPath: jars.classPath, classes, work })
    // Another process may have been faster; its classes are the same.
    await rename(classes, folder).catch(async (error: unknown) => {
      if (!(await isThere(folder))) throw error
    })
  } finally {
    await rm(work, { recursive: true, force: true })
  }
  return { java, jars, classPath }
}

/** Compiles into the folder `classes`; `work` is for what the compiler itself may need. */
export async function compile(options: {
  readonly java: Java
  readonly sources: readonly string[]
  readonly classPath: readonly string[]
  readonly classes: string
  readonly work: string
}): Promise<void> {
  const { java, sources, classPath, classes, work } = options
  const settings = ['-proc:none', '-nowarn', '--release', JAVA_RELEASE]
  const [file = '', ...words] = await compiler(java, work)
  const args = [...words, '-d', classes, '-cp', classPath.join(':'), ...settings, ...sources]
  const { code, stdout, stderr } = await runCommand({ file, args }, { timeoutMs: COMPILE_MS })
  if (code !== 0) throw new Error(`${sources[0]} does not compile:\n${stdout}${stderr}`)
}

async function compiler(java: Java, work: string): Promise<string[]> {
  const javac = join(java.home, 'bin', 'javac')
  if (isExecutable(javac)) return [javac, '-J-XX:TieredStopAtLevel=1']
  const libs = join(work, 'compiler')
  await copyWithMaven({
    java,
    artifacts: [ECLIPSE_COMPILER],
    workDirectory: work,
    libs,
    onFile: () => {},
    signal: AbortSignal.timeout(COMPILE_MS),
  })
  const [jar] = (await readdir(libs)).filter((name) => name.endsWith('.jar'))
  return [java.executable, '-XX:TieredStopAtLevel=1', '-jar', join(libs, jar!)]
}

async function isThere(folder: string): Promise<boolean> {
  return await readdir(folder).then(
    () => true,
    () => false,
  )
}
