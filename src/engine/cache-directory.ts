import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/**
 * The per-user cache that several projects share: `$KMC_CACHE`, else `$XDG_CACHE_HOME/kmc`, else
 * `~/.cache/kmc` (XDG Base Directory Specification; an empty variable counts as not set).
 */
export function cacheDirectory(env: Readonly<Record<string, string | undefined>> = process.env): string {
  if (env.KMC_CACHE) return resolve(env.KMC_CACHE)
  if (env.XDG_CACHE_HOME) return resolve(env.XDG_CACHE_HOME, 'kmc')
  return join(homedir(), '.cache', 'kmc')
}
