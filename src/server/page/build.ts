import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The clone's root folder, in which `console/` stands. */
const root = fileURLToPath(new URL('../../..', import.meta.url))
const program = fileURLToPath(new URL('./build-main.ts', import.meta.url))

const BUILDS_KEPT = 4
const STDERR_CHARACTERS_MAX = 4_000

/**
 * The folder of the built console, built first where this source was not yet. Named by a hash of all that goes into
 * it, so what is there is right, and several that build at once do no harm: each shows its result with one rename.
 * @throws Error with what the build said
 */
export async function builtConsole(cacheDirectory: string, signal: AbortSignal): Promise<string> {
  const builds = join(cacheDirectory, 'console')
  const target = join(builds, await sourceHash())
  const isThere = await stat(target).catch(() => null)
  if (isThere === null) {
    await runBuild(target, signal)
    await removeOld(builds)
  }
  return target
}

async function sourceHash(): Promise<string> {
  const hash = createHash('sha256')
  const sources = await readdir(join(root, 'console'), { recursive: true, withFileTypes: true })
  const files = sources
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
  for (const file of [...files, join(root, 'package-lock.json'), program]) {
    hash
      .update(file.slice(root.length))
      .update('\0')
      .update(await readFile(file))
  }
  return hash.digest('hex').slice(0, 20)
}

/** In a process of its own, as Vite takes a core and 150 MB for a few seconds. */
function runBuild(target: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, root, target], {
      signal,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, NODE_ENV: 'production' },
    })
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-STDERR_CHARACTERS_MAX)
    })
    child.once('error', reject)
    child.once('close', (code) => {
      if (code === 0) resolve()
      else reject(new Error(said.trim() || `the build of the console ended with ${code}`))
    })
  })
}

async function removeOld(builds: string): Promise<void> {
  const names = await readdir(builds)
  const dated = await Promise.all(
    names.map(async (name) => ({ path: join(builds, name), at: (await stat(join(builds, name))).mtimeMs })),
  )
  const old = dated.sort((a, b) => b.at - a.at).slice(BUILDS_KEPT)
  await Promise.all(old.map(({ path }) => rm(path, { recursive: true, force: true })))
}
