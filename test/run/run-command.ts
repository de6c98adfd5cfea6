import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { FileResult } from './results.ts'
import { type CommandWork, root } from './suites.ts'

const OUTPUT_SHOWN_MAX = 8_000

/** Runs a checker and counts it as one test: its exit code decides, its output explains. */
export async function runCommand(name: string, work: CommandWork, signal: AbortSignal): Promise<FileResult> {
  const startedAtMs = Date.now()
  const child = spawn(process.execPath, [join(root, work.program), ...work.words], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  })
  let output = ''
  const keep = (text: Buffer) => {
    if (output.length < OUTPUT_SHOWN_MAX) output += text.toString()
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const ending = await new Promise<string>((done) => {
    child.once('error', (error) => done(error.message))
    child.once('close', (code, killedBy) => done(code === 0 ? '' : `exit ${code ?? killedBy}`))
  })
  const details = `${name}: ${ending}\n${output.trim()}`
  return {
    file: name,
    passed: ending === '' ? 1 : 0,
    failures: ending === '' ? [] : [{ file: name, test: name, details }],
    skips: [],
    durationMs: Date.now() - startedAtMs,
  }
}
