import { randomBytes } from 'node:crypto'
import { open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Only the owner may read; for everything that holds a password or a key. */
export const PRIVATE_FILE_MODE = 0o600

/**
 * Writes a file so that a reader sees the old text or the new text, never a part; for what is made anew at
 * each start.
 */
export async function writeAtomically(path: string, text: string, mode = 0o644): Promise<void> {
  await replaceFile(path, text, { mode, sync: false })
}

/** As `writeAtomically`, and a power cut keeps one of the two texts; for what cannot be made again. */
export async function writeDurably(path: string, text: string, mode = 0o644): Promise<void> {
  await replaceFile(path, text, { mode, sync: true })
  const folder = await open(dirname(path), 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

async function replaceFile(
  path: string,
  text: string,
  options: { mode: number; sync: boolean },
): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    const file = await open(temporary, 'wx', options.mode)
    try {
      await file.writeFile(text)
      if (options.sync) await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

/** The text of a file, or undefined when there is none. */
export async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

/** True for the error that says that a file or folder is not there. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
