import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '../base/error.ts'
import { engineError } from './errors.ts'
import { findOnPath, installCommand, isExecutable } from './install-hint.ts'
import { runCommand } from './processes/run-command.ts'

/** The oldest Java that Kafka 4.x brokers run on (KIP-1013). */
export const JAVA_MAJOR_MIN = 17

/** A Java runtime on this machine. */
export type Java = {
  /** The real home, links resolved by Java itself. */
  readonly home: string
  readonly executable: string
  readonly keytool: string
  readonly major: number
  /**
   * Version and vendor; changes with every update, so that what was made for one build is not used for
   * another.
   */
  readonly build: string
}

const VERSION_TIMEOUT_MS = 20_000
const known = new Map<string, Promise<Java | string>>()

/**
 * The first Java >= 17 of: JAVA_HOME, the PATH, macOS's registered runtimes, Homebrew's. JAVA_MISSING, with
 * the command that installs one and what was found instead, when there is none.
 */
export async function findJava(env: NodeJS.ProcessEnv = process.env): Promise<Java> {
  const rejected: string[] = []
  for (const executable of await candidates(env)) {
    const java = await inspectJava(executable)
    if (typeof java !== 'string' && java.major >= JAVA_MAJOR_MIN) return java
    rejected.push(typeof java === 'string' ? java : `${executable} is Java ${java.major}`)
  }
  const found = rejected.length === 0 ? 'none was found' : `found only: ${rejected.join('; ')}`
  const install = installCommand(['java'])
  throw engineError('JAVA_MISSING', `Managed clusters need Java ${JAVA_MAJOR_MIN} or newer, and ${found}`, {
    ...(install === undefined ? {} : { remedy: `Install it with: ${install}` }),
    context: { rejected },
  })
}

async function candidates(env: NodeJS.ProcessEnv): Promise<string[]> {
  const files: string[] = []
  if (env.JAVA_HOME) files.push(join(env.JAVA_HOME, 'bin', 'java'))
  const onPath = findOnPath('java', env.PATH ?? '')
  if (onPath !== undefined) files.push(onPath)
  if (process.platform === 'darwin') files.push(...(await macCandidates()))
  return files.filter(isExecutable)
}

/** macOS keeps runtimes where java_home finds them; Homebrew's are in its own prefix and not on the PATH. */
async function macCandidates(): Promise<string[]> {
  const found: string[] = []
  const registered = await runCommand({
    file: '/usr/libexec/java_home',
    args: ['-v', `${JAVA_MAJOR_MIN}+`],
  }).catch(() => undefined)
  if (registered?.code === 0) found.push(join(registered.stdout.trim(), 'bin', 'java'))
  for (const prefix of ['/opt/homebrew/opt', '/usr/local/opt']) {
    for (const name of foldersIn(prefix)) {
      if (name.startsWith('openjdk')) found.push(join(prefix, name, 'bin', 'java'))
    }
  }
  return found
}

function foldersIn(path: string): string[] {
  try {
    return readdirSync(path)
  } catch {
    // No Homebrew here.
    return []
  }
}

/** Asks a Java what it is, once a process; a text says why it cannot be used. */
function inspectJava(executable: string): Promise<Java | string> {
  const asked = known.get(executable) ?? askJava(executable)
  known.set(executable, asked)
  return asked
}

async function askJava(executable: string): Promise<Java | string> {
  const command = { file: executable, args: ['-XshowSettings:properties', '-version'], env: { LC_ALL: 'C' } }
  try {
    const { code, stdout, stderr } = await runCommand(command, { timeoutMs: VERSION_TIMEOUT_MS })
    return parseJavaSettings(`${stdout}\n${stderr}`) ?? `${executable} gave no version (exit code ${code})`
  } catch (error) {
    return `${executable} cannot be run: ${messageOf(error)}`
  }
}

/** Reads what `java -XshowSettings:properties -version` prints; undefined when it is something else. */
export function parseJavaSettings(text: string): Java | undefined {
  const property = (name: string) =>
    new RegExp(`^\\s*${name.replaceAll('.', '\\.')} = (.+?)\\s*$`, 'm').exec(text)?.[1]
  const home = property('java.home')
  const specification = property('java.specification.version')
  if (home === undefined || specification === undefined) return undefined
  // Java 8 called itself 1.8.
  const major = Number(specification.replace(/^1\./, ''))
  if (!Number.isInteger(major)) return undefined
  const build = [
    property('java.vm.name'),
    property('java.vm.version'),
    property('java.vendor'),
    property('os.arch'),
  ].join(' ')
  return { home, executable: join(home, 'bin', 'java'), keytool: join(home, 'bin', 'keytool'), major, build }
}

/**
 * The environment of a Java process: what the operator's shell has, without what would change the JVM behind
 * our back (JAVA_TOOL_OPTIONS of an agent stays: it is the operator's way to add one).
 */
export function javaEnvironment(
  java: Java,
  extra: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const env: Record<string, string> = {}
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && name !== 'CLASSPATH' && name !== 'KAFKA_OPTS') env[name] = value
  }
  // glibc gives every thread its own malloc arena, which costs tens of MiB in a process with a hundred
  // threads.
  return { ...env, MALLOC_ARENA_MAX: '2', JAVA_HOME: java.home, ...extra }
}
