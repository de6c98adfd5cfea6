import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { messageOf } from '../../../src/base/error.ts'
import { cacheDirectory } from '../../../src/engine/cache-directory.ts'

/** Something of others that tests install for themselves: where it is, or why it cannot be had. */
export type Cached = { readonly folder: string } | { readonly why: string }

/** A folder of the user's cache; `make` fills it once, and throws the reason why it cannot. */
export async function cachedFolder(path: string, make: (work: string) => Promise<void>): Promise<Cached> {
  const folder = join(cacheDirectory(), path)
  if (existsSync(folder)) return { folder }
  await mkdir(dirname(folder), { recursive: true })
  const work = await mkdtemp(`${folder}.`)
  try {
    await make(work)
    // Another process may have been faster.
    await rename(work, folder).catch(() => rm(work, { recursive: true, force: true }))
    return { folder }
  } catch (error) {
    await rm(work, { recursive: true, force: true })
    return { why: messageOf(error) }
  }
}

/** The environment of this process, for programs that read much of it. */
export function environment(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  const own = Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  )
  return { ...Object.fromEntries(own), ...more }
}
