import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A new empty folder, removed when this process ends; KMC_TEST_KEEP=1 keeps it, logs and data included. */
export function temporaryDirectory(name: string): string {
  const path = mkdtempSync(join(tmpdir(), `kmc-${name}-`))
  if (made.length === 0) process.once('exit', removeAll)
  made.push(path)
  return path
}

const made: string[] = []

function removeAll(): void {
  if (process.env.KMC_TEST_KEEP === '1') return
  for (const path of made) rmSync(path, { recursive: true, force: true })
}
