import { open, rename, stat } from 'node:fs/promises'
import { isMissing } from '../durable-file.ts'

/** How much of a log's end is looked at. */
export const LOG_TAIL_BYTES_MAX = 64 * 1024

/** The size of a file now; 0 when there is none. A mark from which `readTail` can read later. */
export async function fileSize(path: string): Promise<number> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if (isMissing(error)) return 0
    throw error
  }
}

/**
 * What was written to a log since `fromByte`, at most its last 64 KiB. A log that was rotated is read from
 * its start.
 */
export async function readTail(path: string, fromByte: number): Promise<string> {
  const size = await fileSize(path)
  const start = Math.max(size < fromByte ? 0 : fromByte, size - LOG_TAIL_BYTES_MAX)
  if (size === start) return ''
  const file = await open(path, 'r')
  try {
    const buffer = Buffer.alloc(size - start)
    const { bytesRead } = await file.read(buffer, 0, buffer.length, start)
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await file.close()
  }
}

/** The last lines of a text that hold something. */
export function lastLines(text: string, count: number): string[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-count)
}

/**
 * Moves a log aside when it has grown beyond `bytesMax`, so that appending to it at every start stays
 * bounded.
 */
export async function rotateIfLarge(path: string, bytesMax: number): Promise<void> {
  if ((await fileSize(path)) > bytesMax) await rename(path, `${path}.1`)
}
