import { Exit, type ExitCode } from './exit.ts'
import { runKmc } from './run.ts'

const ending = new AbortController()
let interrupts = 0

function end(code: ExitCode): void {
  interrupts += 1
  // The second Ctrl-C is from somebody who does not want to wait.
  if (interrupts > 1) process.exit(code)
  ending.abort(code)
}

process.on('SIGINT', () => end(Exit.interrupted))
process.on('SIGTERM', () => end(Exit.terminated))
process.on('SIGHUP', () => end(Exit.terminated))
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // `kmc topic list | head -1`: the reader has what it wanted. What runs is still brought down in good order.
    // EIO: the terminal was closed.
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error
    if (!ending.signal.aborted) ending.abort(Exit.ok)
  })
}

const code = await runKmc({
  argv: process.argv.slice(2),
  environment: process.env,
  cwd: process.cwd(),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  signal: ending.signal,
})
// A pipe takes its time: exit only when the last word has left. Then exit for sure, whatever is still open.
await Promise.all(
  [process.stdout, process.stderr].map((stream) => new Promise((done) => stream.write('', done))),
)
process.exit(code)
