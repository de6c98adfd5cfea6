import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { cacheDirectory } from '../../src/engine/cache-directory.ts'
import { root } from '../run/suites.ts'

export type KmcResult = { readonly code: number | null; readonly stdout: string; readonly stderr: string }

export type KmcOptions = {
  readonly cwd: string
  readonly input?: string | Buffer
  readonly environment?: Readonly<Record<string, string>>
  readonly limitMs?: number
}

const LIMIT_MS = 60_000
/** Where the launcher has it: without compiled code a start takes a second more. */
const compileCache = join(cacheDirectory(), 'compile')

/** kmc as a process of its own, as an operator runs it, without colour. */
export function startKmc(words: readonly string[], { cwd, environment = {} }: KmcOptions): ChildProcess {
  const program = ['--disable-warning=ExperimentalWarning', join(root, 'src', 'cli', 'main.ts'), ...words]
  return spawn(process.execPath, program, {
    cwd,
    env: { NODE_COMPILE_CACHE: compileCache, ...process.env, NO_COLOR: '1', ...environment },
    stdio: 'pipe',
  })
}

/** The same, to its end; one that takes longer than its limit is killed and fails. */
export async function runKmc(words: readonly string[], options: KmcOptions): Promise<KmcResult> {
  const child = startKmc(words, options)
  const limitMs = options.limitMs ?? LIMIT_MS
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    child.kill('SIGKILL')
  }, limitMs)
  const texts = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]!.setEncoding('utf8').on('data', (text: string) => {
      texts[name] += text
    })
  }
  child.stdin!.end(options.input ?? '')
  const code = await new Promise<number | null>((done, fail) => {
    child.once('error', fail)
    child.once('close', done)
  })
  clearTimeout(timer)
  if (isLate)
    throw new Error(`kmc ${words.join(' ')} took longer than ${limitMs} ms:\n${texts.stdout}${texts.stderr}`)
  return { code, ...texts }
}
