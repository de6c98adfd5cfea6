import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'

/** Runs a program to its end while the proxies go on working; gives what it printed, throws when it fails. */
export async function run(program: string, words: readonly string[], input = ''): Promise<string> {
  const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'pipe'] })
  child.stdin.on('error', () => {}).end(input)
  const exit = new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve))
  const [output, errors, code] = await Promise.all([text(child.stdout), text(child.stderr), exit])
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${errors.slice(-2000)}`)
  return output
}
