import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Java } from '../java.ts'
import type { KafkaJars } from './jars.ts'
import type { ArchiveUse } from './jvm.ts'
import { brokerJvmOptions } from './jvm.ts'
import type { ManagedClusterSpec } from './spec.ts'
import { HEAP_MIB_DEFAULT } from './spec.ts'

/** What an archive is valid for. */
export type ArchiveSubject = {
  readonly java: Java
  readonly jars: KafkaJars
  readonly spec: ManagedClusterSpec
  readonly cacheDirectory: string
}

/** The archive's file; another Java, other jars or another collector have another file. */
export function archiveFile({ java, jars, spec, cacheDirectory }: ArchiveSubject): string {
  const [, , ...options] = brokerJvmOptions(spec.heapMiB ?? HEAP_MIB_DEFAULT)
  const hash = createHash('sha256')
  for (const part of [java.home, java.build, jars.fingerprint, ...jars.classPath, ...options])
    hash.update(`${part}\n`)
  return join(cacheDirectory, 'cds', `kafka-${jars.version}-${hash.digest('hex').slice(0, 16)}.jsa`)
}

/** Gives the archive, whenever asked, if it is there by then. */
export function archiveFor(subject: ArchiveSubject): () => ArchiveUse {
  const file = archiveFile(subject)
  return () => (existsSync(file) ? { mode: 'use', file } : undefined)
}
