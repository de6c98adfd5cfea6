import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findOnPath } from '../../../src/engine/install-hint.ts'
import { runCommand } from '../../../src/engine/processes/run-command.ts'
import { cachedFolder, environment } from './cached.ts'
import type { Program } from './program.ts'

const SOURCES = fileURLToPath(new URL('./franz/', import.meta.url))
/** Where Go's own installer puts it, which not every shell has on its PATH. */
const GO_ELSEWHERE = '/usr/local/go/bin'
const BUILD_MS = 180_000

/** Clients of franz-go, built once by the Go that is here. */
export async function franzProgram(): Promise<Program> {
  const go = findOnPath('go', `${process.env.PATH ?? ''}${delimiter}${GO_ELSEWHERE}`)
  if (go === undefined) return { why: 'no go' }
  const hash = createHash('sha256')
  for (const name of ['main.go', 'go.mod', 'go.sum']) hash.update(readFileSync(join(SOURCES, name)))
  const built = await cachedFolder(`test-go/franz-${hash.digest('hex').slice(0, 16)}`, async (folder) => {
    const args = ['build', '-C', SOURCES, '-mod=readonly', '-o', join(folder, 'franz'), '.']
    const { code, stderr } = await runCommand({ file: go, args, env: environment() }, { timeoutMs: BUILD_MS })
    if (code !== 0) throw new Error(`go cannot build it: ${stderr.trim().split('\n').at(-1)}`)
  })
  return 'why' in built ? built : { command: [join(built.folder, 'franz')] }
}
