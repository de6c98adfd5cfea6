import type { Java } from '../java.ts'
import { javaEnvironment } from '../java.ts'
import type { ProcessCommand } from '../processes/guardian.ts'
import type { KafkaJars } from './jars.ts'

/**
 * From this heap on a broker is meant to work hard, and the second compiler and G1 earn what they cost at
 * start.
 */
const HARD_WORK_HEAP_MIB = 512

/**
 * The options that decide how a broker's JVM is built. With a small heap: the first compiler only and the
 * serial collector, which start faster and need half the memory.
 */
export function brokerJvmOptions(heapMiB: number): string[] {
  const small = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC']
  const large = ['-XX:+UseG1GC', '-XX:MaxGCPauseMillis=20']
  return [
    `-Xmx${heapMiB}m`,
    '-Xss512k',
    ...(heapMiB < HARD_WORK_HEAP_MIB ? small : large),
    // A broker without memory is a zombie: it must end, so that supervision starts it again.
    '-XX:+ExitOnOutOfMemoryError',
    '-Djava.awt.headless=true',
  ]
}

/** How to use a class-data archive: to read one, to write one at exit, or none. */
export type ArchiveUse = { readonly mode: 'use' | 'dump'; readonly file: string } | undefined

/** The JVM option for an archive. With `auto`, a broken or foreign archive only means a slower start. */
export function archiveOptions(archive: ArchiveUse): string[] {
  if (archive === undefined) return []
  return archive.mode === 'dump'
    ? [`-XX:ArchiveClassesAtExit=${archive.file}`]
    : [`-XX:SharedArchiveFile=${archive.file}`, '-Xshare:auto']
}

/**
 * The command that runs a class of Kafka. The class path goes through the environment: 90 jars would drown
 * `ps`.
 */
export function kafkaCommand(options: {
  readonly java: Java
  readonly jars: KafkaJars
  readonly jvmOptions: readonly string[]
  readonly mainClass: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly directory?: string
}): ProcessCommand {
  const { java, jars } = options
  const manager = java.major >= 18 && jars.logging === 'reload4j' ? ['-Djava.security.manager=allow'] : []
  return {
    file: java.executable,
    args: [...options.jvmOptions, ...manager, options.mainClass, ...options.args],
    env: javaEnvironment(java, { ...options.env, CLASSPATH: jars.classPath.join(':') }),
    ...(options.directory === undefined ? {} : { directory: options.directory }),
  }
}
