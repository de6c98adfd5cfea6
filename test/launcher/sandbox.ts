import { execFileSync, spawn } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from '../run/suites.ts'

/** What the launcher may use: POSIX tools, nothing else. */
const TOOLS =
  'basename cat cksum cp cut date dirname grep head kill ln ls mkdir mv readlink rm sed sh sleep tail uname'.split(
    ' ',
  )

export type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string }

export type RunOptions = {
  readonly shell?: string
  readonly script?: string
  readonly cwd?: string
  readonly environment?: Readonly<Record<string, string>>
  /** Called with what stderr holds so far, and a way to send a signal. */
  readonly onStderr?: (text: string, signal: (name: NodeJS.Signals) => void) => void
}

/**
 * A clone with the real launcher and a `main.ts` that only says how it was called, beside a PATH on which nothing is
 * but POSIX tools and what the test puts there. No network: npm is a script of the test.
 */
export class Sandbox {
  readonly directory = mkdtempSync(join(tmpdir(), 'kmc launcher '))
  readonly clone = join(this.directory, 'a clone')
  readonly cache = join(this.directory, 'cache')
  readonly bin = join(this.directory, 'bin')
  readonly npmCalls = join(this.directory, 'npm-calls')

  constructor() {
    for (const folder of [this.clone, join(this.clone, 'src', 'cli'), this.bin])
      mkdirSync(folder, { recursive: true })
    for (const name of ['kmc', 'package.json', 'package-lock.json', '.npmrc']) {
      copyFileSync(join(root, name), join(this.clone, name))
    }
    writeFileSync(join(this.clone, 'src', 'cli', 'main.ts'), MAIN)
    for (const tool of TOOLS) {
      const path = execFileSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).trim()
      if (path.startsWith('/')) symlinkSync(path, join(this.bin, tool))
    }
  }

  /** Puts a program on the sandbox's PATH. */
  program(name: string, script: string): void {
    // What stands there may be a link to the machine's own tool, which must not be written through.
    rmSync(join(this.bin, name), { force: true })
    writeFileSync(join(this.bin, name), `#!/bin/sh\n${script}\n`)
    chmodSync(join(this.bin, name), 0o755)
  }

  /** The node that runs this test, as `node` on the PATH. */
  withNode(): this {
    symlinkSync(process.execPath, join(this.bin, 'node'))
    return this
  }

  withOldNode(): this {
    this.program('node', 'echo v20.20.2')
    return this
  }

  /** An npm that counts its calls, takes `seconds`, and installs something of the right shape. */
  withNpm(seconds = 0): this {
    this.program(
      'npm',
      `echo "$*" >>'${this.npmCalls}'
while [ $# -gt 0 ]; do
  case $1 in --prefix) prefix=$2; shift ;; node-*@*) package=\${1%@*} ;; esac
  shift
done
mkdir -p "$prefix/node_modules/half"
sleep ${seconds}
if [ -n "\${package:-}" ]; then
  mkdir -p "$prefix/node_modules/$package/bin"
  ln -s '${process.execPath}' "$prefix/node_modules/$package/bin/node"
fi`,
    )
    return this
  }

  calls(): string[] {
    return existsSync(this.npmCalls) ? readFileSync(this.npmCalls, 'utf8').trim().split('\n') : []
  }

  run(words: readonly string[], options: RunOptions = {}): Promise<Ended> {
    const script = options.script ?? join(this.clone, 'kmc')
    const [file, ...before] = options.shell === undefined ? [script] : [...options.shell.split(' '), script]
    const child = spawn(file!, [...before, ...words], {
      cwd: options.cwd ?? this.directory,
      env: { PATH: this.bin, HOME: this.directory, KMC_CACHE: this.cache, ...options.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (text: Buffer) => {
      stdout += text.toString()
    })
    child.stderr.on('data', (text: Buffer) => {
      stderr += text.toString()
      options.onStderr?.(stderr, (name) => child.kill(name))
    })
    return new Promise((done, fail) => {
      child.on('error', fail)
      child.on('close', (code) => done({ code, stdout, stderr }))
    })
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true, force: true })
  }
}

const MAIN = `
console.log(JSON.stringify({
  words: process.argv.slice(2),
  cwd: process.cwd(),
  cache: process.env.KMC_CACHE,
  compileCache: process.env.NODE_COMPILE_CACHE,
}))
if (process.argv[2] === 'exit') process.exit(Number(process.argv[3]))
if (process.argv[2] === 'wait') {
  process.on('SIGTERM', () => process.exit(42))
  process.stderr.write('waiting')
  setTimeout(() => {}, 30_000)
}
`
