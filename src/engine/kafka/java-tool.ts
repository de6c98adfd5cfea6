import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheDirectory as defaultCacheDirectory } from '../cache-directory.ts'
import { readIfPresent, writeAtomically } from '../durable-file.ts'
import { findJava } from '../java.ts'
import type { ProcessCommand } from '../processes/guardian.ts'
import type { CommandResult, RunOptions } from '../processes/run-command.ts'
import { runCommand } from '../processes/run-command.ts'
import { archiveFile, archiveUse } from './archive.ts'
import type { KafkaSource } from './jars.ts'
import { ensureKafka } from './jars.ts'
import { archiveOptions, kafkaCommand } from './jvm.ts'
import { loggingOption, toolLogging } from './logging.ts'

export type JavaToolOptions = RunOptions & {
  readonly env?: Readonly<Record<string, string>>
  /** Java heap. Default 256. */
  readonly heapMiB?: number
  readonly jvmOptions?: readonly string[]
  /** Working folder. */
  readonly directory?: string
  readonly cacheDirectory?: string
}

/** The command that runs a Java class with the jars of a Kafka, e.g. for a supervised MirrorMaker 2. */
export async function javaToolCommand(
  kafka: string | KafkaSource,
  mainClass: string,
  args: readonly string[],
  options: JavaToolOptions = {},
): Promise<ProcessCommand> {
  const cache = options.cacheDirectory ?? defaultCacheDirectory()
  const source = typeof kafka === 'string' ? { version: kafka } : kafka
  const [java, jars] = await Promise.all([findJava(), ensureKafka(source, { cacheDirectory: cache })])
  const logging = join(cache, 'format', `tools-${jars.logging}.properties`)
  const settings = toolLogging(jars.logging)
  if ((await readIfPresent(logging)) !== settings) {
    await mkdir(join(cache, 'format'), { recursive: true })
    await writeAtomically(logging, settings)
  }
  const archive = archiveOptions(archiveUse(archiveFile(cache, java, jars)))
  const heap = [`-Xmx${options.heapMiB ?? 256}m`, '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC']
  return kafkaCommand({
    java,
    jars,
    jvmOptions: [...heap, ...archive, loggingOption(jars.logging, logging), ...(options.jvmOptions ?? [])],
    mainClass,
    args,
    ...(options.env === undefined ? {} : { env: options.env }),
    ...(options.directory === undefined ? {} : { directory: options.directory }),
  })
}

/**
 * Runs a Java class of Kafka (`org.apache.kafka.tools.ConsoleConsumer`, `kafka.admin.ConfigCommand`, …) to
 * its end. Fetches the jars when they are not there; a tool's exit code other than 0 is not an error here.
 */
export async function javaTool(
  kafka: string | KafkaSource,
  mainClass: string,
  args: readonly string[],
  options: JavaToolOptions = {},
): Promise<CommandResult> {
  return runCommand(await javaToolCommand(kafka, mainClass, args, options), options)
}
