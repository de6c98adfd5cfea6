import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Tools of others that tests use beside what kmc itself needs, and the Debian package of each. */
const packages = { kcat: 'kcat', Burrow: 'burrow', prometheus: 'prometheus' } as const

const INSTALL_LIMIT_MS = 180_000

/**
 * Makes sure that a tool is there: installs it where this is Debian and we are root. Returns what `skip` of node:test
 * wants: false, or the reason that the run shows.
 */
export async function need(tool: keyof typeof packages): Promise<string | false> {
  if (isOnPath(tool)) return false
  if (process.getuid?.() !== 0 || !isOnPath('apt-get')) return `no ${tool}`
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const options = { env: environment, timeout: INSTALL_LIMIT_MS }
  try {
    await run('apt-get', ['install', '-y', '--no-install-recommends', packages[tool]], options)
  } catch {
    // A fresh image has no package lists yet.
    try {
      await run('apt-get', ['update'], options)
      await run('apt-get', ['install', '-y', '--no-install-recommends', packages[tool]], options)
    } catch (error) {
      return `no ${tool}, and apt-get could not install it: ${String((error as Error).message).split('\n')[0]}`
    }
  }
  return isOnPath(tool) ? false : `no ${tool}`
}

/** Whether a program can be started by its name. */
export function isOnPath(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)))
}
