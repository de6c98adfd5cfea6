import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { cacheDirectory } from '../../src/engine/cache-directory.ts'
import { runCommand } from '../../src/engine/processes/run-command.ts'
import { root } from '../run/suites.ts'
import { PATIENCE_MS, waitUntil } from './wait.ts'

const MAIN = join(root, 'src', 'cli', 'main.ts')

export type KmcResult = { readonly code: number | null; readonly stdout: string; readonly stderr: string }

/** A running `kmc`, as a shell would have started it. */
export type RunningKmc = {
  readonly pid: number
  /** What it has printed so far, stdout and stderr together. */
  readonly printed: () => string
  readonly kill: (signal: NodeJS.Signals) => void
  readonly ended: Promise<KmcResult>
}

/** Where and with what a command runs; a text alone is the folder. */
export type Surroundings =
  | string
  | {
      readonly directory: string
      readonly environment?: Readonly<Record<string, string>>
      readonly input?: string
    }

/** Where the launcher has it: without compiled code a start takes a second more. */
const compileCache = join(cacheDirectory(), 'compile')

/** Starts the command line in a folder. */
export function startKmc(where: Surroundings, ...words: string[]): RunningKmc {
  const { directory, environment = {}, input = '' } = typeof where === 'string' ? { directory: where } : where
  const program = ['--disable-warning=ExperimentalWarning', MAIN, ...words]
  const child: ChildProcess = spawn(process.execPath, program, {
    cwd: directory,
    env: { NODE_COMPILE_CACHE: compileCache, ...process.env, ...environment },
    stdio: 'pipe',
  })
  child.stdin!.end(input)
  let printed = ''
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.on('data', (chunk) => {
      printed += String(chunk)
    })
  }
  const ended = Promise.all([text(child.stdout!), text(child.stderr!), once(child, 'close')]).then(
    ([stdout, stderr, [code]]) => ({ code: code as number | null, stdout, stderr }),
  )
  return { pid: child.pid!, printed: () => printed, kill: (signal) => child.kill(signal), ended }
}

/** Runs the command line to its end. */
export async function kmc(where: Surroundings, ...words: string[]): Promise<KmcResult> {
  return await startKmc(where, ...words).ended
}

/** The same, and it has to end with 0; gives what it printed on stdout. */
export async function kmcOk(where: Surroundings, ...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await kmc(where, ...words)
  if (code !== 0) throw new Error(`kmc ${words.join(' ')} ended with ${code}:\n${stdout}${stderr}`)
  return stdout
}

/** The one JSON document that a command prints with `-o json`. */
export async function kmcJson<T>(directory: string, ...words: string[]): Promise<T> {
  return JSON.parse(await kmcOk(directory, '-o', 'json', ...words)) as T
}

/** Processes whose command line names the folder: supervisors, brokers and their guardians. */
export async function processesOf(directory: string): Promise<string[]> {
  const { stdout } = await runCommand({
    file: 'ps',
    args: ['-axww', '-o', 'pid=,args='],
    env: { PATH: process.env.PATH ?? '/usr/bin:/bin' },
  })
  return stdout.split('\n').filter((line) => line.includes(`${directory}/`) && !line.includes(' ps -axww'))
}

/** Whether a process of this number is there. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Sends a signal; false when the process is gone already. */
export function signalled(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
    throw error
  }
}

/** Waits until nothing of the folder runs any more; the guardians of brokers take a second. */
export async function nothingRuns(directory: string, withinMs = PATIENCE_MS): Promise<void> {
  await waitUntil(`nothing runs in ${directory}`, async () => (await processesOf(directory)).length === 0, {
    withinMs,
  })
}
