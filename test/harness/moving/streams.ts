import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findJava } from '../../../src/engine/java.ts'
import { copyWithMaven } from '../../../src/engine/maven.ts'
import { NEWEST } from '../clusters.ts'
import { compile } from '../java/compiled.ts'
import { temporaryDirectory } from '../temporary.ts'
import { cachedFolder } from './cached.ts'
import type { Program } from './program.ts'

const SOURCE = fileURLToPath(new URL('./streams/Folding.java', import.meta.url))
const ARTIFACTS = [
  { group: 'org.apache.kafka', artifact: 'kafka-streams', version: NEWEST },
  { group: 'org.slf4j', artifact: 'slf4j-nop', version: '1.7.36' },
]
const FETCH_MS = 180_000
const HEAP_MIB = 192

/** Applications by guarantee; `program.ts` says what they print. Each writes to a topic of its name and `-out`. */
export const streamsApplications = {
  'streams-exactly-once': { is: 'exactly_once_v2', role: 'reader' },
  'streams-at-least-once': { is: 'at_least_once', role: 'reader' },
} as const

/** Applications of Kafka Streams in one process. */
export async function streamsProgram(): Promise<Program> {
  const java = await findJava()
  const hash = createHash('sha256').update(readFileSync(SOURCE)).update(JSON.stringify(ARTIFACTS))
  const made = await cachedFolder(`test-streams/${hash.digest('hex').slice(0, 16)}`, async (folder) => {
    const [libs, work] = [join(folder, 'libs'), join(folder, 'work')]
    const signal = AbortSignal.timeout(FETCH_MS)
    await copyWithMaven({ java, artifacts: ARTIFACTS, workDirectory: folder, libs, onFile: () => {}, signal })
    const classes = join(folder, 'classes')
    await compile({ java, sources: [SOURCE], classPath: jarsOf(libs), classes, work })
  })
  if ('why' in made) return made
  const classPath = [join(made.folder, 'classes'), ...jarsOf(join(made.folder, 'libs'))].join(':')
  const options = [`-Xmx${HEAP_MIB}m`, '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-cp', classPath]
  return { command: [java.executable, ...options, 'Folding', temporaryDirectory('streams')] }
}

function jarsOf(libs: string): string[] {
  return readdirSync(libs)
    .sort()
    .map((name) => join(libs, name))
}
