import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A new empty folder, removed when this process ends, by a signal too; KMC_TEST_KEEP=1 keeps all that is in it. */
export function temporaryDirectory(name: string): string {
  const path = mkdtempSync(join(tmpdir(), `kmc-${name}-`))
  if (made.length === 0) {
    process.once('exit', removeAll)
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(ENDED))
  }
  made.push(path)
  return path
}

const made: string[] = []
const ENDED = 130

function removeAll(): void {
  if (process.env.KMC_TEST_KEEP === '1') return
  for (const path of made) rmSync(path, { recursive: true, force: true })
}
