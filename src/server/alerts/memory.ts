import { readFileSync, renameSync } from 'node:fs'
import { messageOf } from '../../base/error.ts'
import type { Log } from '../../base/log.ts'
import { isMissing, PRIVATE_FILE_MODE, writeAtomically } from '../../engine/durable-file.ts'
import type { AlertEvent, AlertMemory } from '../../observe/alerts/book.ts'
import type { Notification } from '../../observe/alerts/message.ts'

/** What outlives a restart: what fires and who was told, what still has to be told, and what was told lately. */
export type DeskMemory = AlertMemory & {
  /** By receiver. */
  readonly waiting: Readonly<Record<string, readonly Notification[]>>
  /** Newest last. */
  readonly events: readonly AlertEvent[]
}

const FORMAT = 1
export const noMemory: DeskMemory = { held: [], silences: [], waiting: {}, events: [] }

/** What was kept in a file; one that cannot be read is put aside, and said so. */
export function readMemory(path: string, log: Log): DeskMemory {
  try {
    const { format, ...memory } = JSON.parse(readFileSync(path, 'utf8')) as DeskMemory & { format: number }
    if (format !== FORMAT) throw new Error(`its format is ${format}`)
    return { ...noMemory, ...memory }
  } catch (error) {
    if (isMissing(error)) return noMemory
    const aside = `${path}.damaged`
    renameSync(path, aside)
    log.warn(
      { path, aside, why: messageOf(error) },
      'what was known of alerts cannot be read and was put aside',
    )
    return noMemory
  }
}

export async function writeMemory(path: string, memory: DeskMemory): Promise<void> {
  await writeAtomically(path, JSON.stringify({ format: FORMAT, ...memory }), PRIVATE_FILE_MODE)
}
