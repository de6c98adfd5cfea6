import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { engineError } from './errors.ts'
import { findOnPath, installCommand, isExecutable } from './install-hint.ts'
import type { Java } from './java.ts'
import { javaEnvironment } from './java.ts'
import { lastLines } from './processes/log-tail.ts'
import { runCommand } from './processes/run-command.ts'

/** group:artifact:version */
export type MavenArtifact = { readonly group: string; readonly artifact: string; readonly version: string }

/** Pinned: the version that Maven would choose itself depends on Maven's age, and newer ones fetch more. */
const COPY_GOAL = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies'
const FETCH_TIMEOUT_MS = 15 * 60_000

/**
 * Where mvn is: MAVEN_HOME, M2_HOME, the PATH. MAVEN_MISSING with the command that installs it when nowhere.
 */
export function findMaven(env: NodeJS.ProcessEnv = process.env): string {
  for (const home of [env.MAVEN_HOME, env.M2_HOME]) {
    const file = home === undefined || home === '' ? undefined : join(home, 'bin', 'mvn')
    if (file !== undefined && isExecutable(file)) return file
  }
  const onPath = findOnPath('mvn', env.PATH ?? '')
  if (onPath !== undefined) return onPath
  const install = installCommand(['maven'])
  throw engineError('MAVEN_MISSING', 'Maven (mvn) fetches Apache Kafka and was not found', {
    ...(install === undefined
      ? {}
      : { remedy: `Install it with: ${install} (or name an unpacked Kafka with \`home:\`)` }),
  })
}

/**
 * Copies the artifacts and everything they need at run time into `libs`, with the operator's own Maven
 * settings, mirrors and local repository. `onFile` hears the name of every file that had to be downloaded.
 * MAVEN_FAILED with Maven's own errors when something could not be had.
 */
export async function copyWithMaven(options: {
  readonly java: Java
  readonly artifacts: readonly MavenArtifact[]
  /** An empty folder for the generated pom. */
  readonly workDirectory: string
  readonly libs: string
  readonly onFile: (name: string) => void
  readonly signal: AbortSignal
}): Promise<void> {
  const maven = findMaven()
  await mkdir(options.libs, { recursive: true })
  const pom = join(options.workDirectory, 'pom.xml')
  await writeFile(pom, pomText(options.artifacts))
  // Maven lives for seconds: the second compiler would only cost time.
  const env = javaEnvironment(options.java, {
    MAVEN_OPTS: `-XX:TieredStopAtLevel=1 ${process.env.MAVEN_OPTS ?? ''}`.trim(),
  })
  const args = ['-B', '-f', pom, COPY_GOAL, '-DincludeScope=runtime', `-DoutputDirectory=${options.libs}`]
  const onLine = (line: string) => {
    const name = downloadedFile(line)
    if (name !== undefined) options.onFile(name)
  }
  const command = { file: maven, args, env, directory: options.workDirectory }
  const result = await runCommand(command, { timeoutMs: FETCH_TIMEOUT_MS, onLine, signal: options.signal })
  if (result.code === 0) return
  const errors = result.stdout.split('\n').filter((line) => line.includes('ERROR'))
  const shown = lastLines((errors[0] ?? `${result.stdout}\n${result.stderr}`).slice(-2000), 5).join('\n')
  throw engineError('MAVEN_FAILED', `Maven ended with exit code ${result.code}: ${shown}`, {
    context: { command: maven, args },
  })
}

/** The file name in one of Maven's `Downloaded from …` lines. */
export function downloadedFile(line: string): string | undefined {
  return /^(?:\[INFO\] )?Downloaded from [^:]+: \S*\/([^\s/]+)/.exec(line)?.[1]
}

function pomText(artifacts: readonly MavenArtifact[]): string {
  const dependencies = artifacts.map(
    ({ group, artifact, version }) =>
      `    <dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId>` +
      `<version>${version}</version></dependency>`,
  )
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>kmc.generated</groupId>
  <artifactId>kafka-libraries</artifactId>
  <version>1</version>
  <dependencies>
${dependencies.join('\n')}
  </dependencies>
</project>
`
}
