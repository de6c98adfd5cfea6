import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** The Kafka releases whose message schemas kmc speaks, older first; the newer one's word counts where both speak. */
export const KAFKA_VERSIONS = ['3.9.2', '4.3.1'] as const

/**
 * The kafka-clients jar of each release: the one named on the command line, else from kmc's cache or the local
 * Maven repository, else fetched by Maven. Throws with the reason when none can be had.
 */
export function findJars(args: readonly string[]): Map<string, string> {
  const jars = new Map<string, string>()
  for (const version of KAFKA_VERSIONS) {
    const name = `kafka-clients-${version}.jar`
    const given = args.find((arg) => arg.endsWith(name))
    jars.set(version, given ?? localJar(version, name) ?? fetchJar(version, name))
  }
  return jars
}

function localJar(version: string, name: string): string | undefined {
  const cache = process.env.KMC_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'kmc')
  return [join(cache, 'kafka', version, 'libs', name), mavenPath(version, name)].find((path) =>
    existsSync(path),
  )
}

function mavenPath(version: string, name: string): string {
  return join(homedir(), '.m2', 'repository', 'org', 'apache', 'kafka', 'kafka-clients', version, name)
}

function fetchJar(version: string, name: string): string {
  const artifact = `-Dartifact=org.apache.kafka:kafka-clients:${version}`
  execFileSync('mvn', ['-q', '-B', 'dependency:get', '-Dtransitive=false', artifact], { stdio: 'pipe' })
  const path = mavenPath(version, name)
  if (!existsSync(path)) throw new Error(`Maven fetched kafka-clients ${version} but not to ${path}`)
  return path
}
