import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { messageOf } from '../../base/error.ts'
import { fleetError } from '../errors.ts'
import { fleetFileInvalid } from './problem.ts'

/** A thousand clusters and links fit into a fifth of this. */
export const FLEET_FILE_BYTES_MAX = 1024 * 1024

/**
 * The text of a fleet file.
 * @throws FLEET_FILE_MISSING, FLEET_FILE_UNREADABLE, FLEET_FILE_INVALID (too large, not UTF-8)
 */
export async function readFleetText(path: string): Promise<string> {
  const bytes = await readBytes(path)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    const line = firstBadLine(bytes)
    const message = 'this line is not UTF-8; save the file as UTF-8'
    throw fleetFileInvalid(path, [{ file: path, line, column: 1, path: '', message, excerpt: [] }])
  }
}

async function readBytes(path: string): Promise<Buffer> {
  try {
    // O_NONBLOCK: opening a named pipe must not wait for a writer.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      const stat = await file.stat()
      if (!stat.isFile()) throw fleetError('FLEET_FILE_UNREADABLE', `${path} is not a regular file`)
      if (stat.size > FLEET_FILE_BYTES_MAX) {
        const message = `the file has ${stat.size} bytes; a fleet file has at most ${FLEET_FILE_BYTES_MAX}`
        throw fleetFileInvalid(path, [{ file: path, line: 1, column: 1, path: '', message, excerpt: [] }])
      }
      return await file.readFile()
    } finally {
      await file.close()
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw fleetError('FLEET_FILE_MISSING', `there is no fleet file ${path}`, { context: { file: path } })
    }
    if (code?.startsWith('FLEET_')) throw error
    throw fleetError('FLEET_FILE_UNREADABLE', `${path} cannot be read: ${code ?? messageOf(error)}`, {
      cause: error,
    })
  }
}

/** UTF-8 never has a line feed inside a character, so lines can be judged one by one. */
function firstBadLine(bytes: Buffer): number {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let line = 1
  for (let start = 0; start < bytes.length; line++) {
    const newLine = bytes.indexOf(0x0a, start)
    const end = newLine === -1 ? bytes.length : newLine
    try {
      decoder.decode(bytes.subarray(start, end))
    } catch {
      return line
    }
    start = end + 1
  }
  return line
}
