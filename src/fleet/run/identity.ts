import { randomBytes } from 'node:crypto'
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'

const IDENTITY = /^[0-9a-f]{16}$/

/**
 * A name of this folder's own, made once: workers that are started again under it take the place of those before them
 * at once (KIP-345). The folder must exist.
 */
export function folderIdentity(file: string): string {
  const known = read(file)
  if (known !== null) return known
  const staging = `${file}.${process.pid}`
  writeFileSync(staging, `${randomBytes(8).toString('hex')}\n`, { mode: 0o600 })
  try {
    // Of two that make it at once the first wins, as a link is never made over an existing name.
    linkSync(staging, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    if (read(file) === null) writeFileSync(file, readFileSync(staging), { mode: 0o600 })
  } finally {
    rmSync(staging, { force: true })
  }
  return read(file)!
}

function read(file: string): string | null {
  try {
    const text = readFileSync(file, 'utf8').trim()
    return IDENTITY.test(text) ? text : null
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
