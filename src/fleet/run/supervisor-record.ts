import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'
import { Secret } from '../../base/secret.ts'

/** Who supervises a fleet, and how to ask it. */
export type SupervisorRecord = {
  readonly pid: number
  /** Identity of the process beyond its number: numbers are used again. */
  readonly processStart: string
  readonly startedAt: number
  /** Of the control endpoint, on 127.0.0.1. */
  readonly port: number
  readonly token: Secret
}

const RECORD_BYTES_MAX = 4096

const schema = z.object({
  version: z.literal(1),
  pid: z.int().min(2),
  processStart: z.string().min(1).max(200),
  startedAt: z.number(),
  port: z.int().min(1).max(65_535),
  token: z.string().min(16).max(256),
})

/** Writes the record whole or not at all, readable for its owner alone. */
export function writeSupervisorRecord(file: string, record: SupervisorRecord): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const staging = `${file}.${process.pid}`
  const text = JSON.stringify({ version: 1, ...record, token: record.token.reveal() })
  rmSync(staging, { force: true })
  writeFileSync(staging, `${text}\n`, { mode: 0o600, flag: 'wx' })
  // A process with a lax umask is no danger, one with a strict umask is: the owner must be able to read it.
  chmodSync(staging, 0o600)
  renameSync(staging, file)
}

/** The record, or null when there is none or it is not one (a torn or foreign file says nothing about anybody). */
export function readSupervisorRecord(file: string): SupervisorRecord | null {
  try {
    const bytes = readFileSync(file)
    if (bytes.length > RECORD_BYTES_MAX) return null
    const { version: _, token, ...record } = schema.parse(JSON.parse(bytes.toString()))
    return { ...record, token: new Secret(token) }
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return null
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

export function removeSupervisorRecord(file: string): void {
  rmSync(file, { force: true })
}
