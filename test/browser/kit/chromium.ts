import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { runCommand } from '../../../src/engine/processes/run-command.ts'
import { PATIENCE_MS } from '../../harness/wait.ts'

const names = ['chromium', 'chromium-browser', 'google-chrome']
const INSTALL_MS = 300_000

/** Nothing but the page: no look-ups of its own, no sandbox that a container lacks. */
const flags = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
  ...['--disable-background-networking', '--disable-component-update'],
]

/** Chromium of this machine, which Debian's root gets installed; else why there is none. */
export async function openBrowser(): Promise<Browser | string> {
  const path = find() ?? (await installed())
  if (path === null) return 'no Chromium: apt-get install chromium'
  return await chromium.launch({ executablePath: path, args: flags })
}

function find(): string | null {
  const folders = (process.env.PATH ?? '').split(delimiter)
  const paths = folders.flatMap((folder) => names.map((name) => join(folder, name)))
  return paths.find(isProgram) ?? null
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

async function installed(): Promise<string | null> {
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) return null
  const words = ['install', '-y', '--no-install-recommends', 'chromium']
  await runCommand(
    {
      file: 'apt-get',
      args: words,
      env: { PATH: process.env.PATH ?? '', DEBIAN_FRONTEND: 'noninteractive' },
    },
    { timeoutMs: INSTALL_MS },
  )
  return find()
}

export type Look = { readonly width?: number; readonly scheme?: 'light' | 'dark' }

/** A page with all that goes wrong in it: errors of scripts, of the console, and what the policy refused. */
export type Watched = { readonly page: Page; readonly context: BrowserContext; readonly troubles: string[] }

export async function openPage(
  browser: Browser,
  { width = 1_440, scheme = 'light' }: Look,
): Promise<Watched> {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: scheme })
  context.setDefaultTimeout(PATIENCE_MS)
  const page = await context.newPage()
  const troubles: string[] = []
  page.on('pageerror', (error) => troubles.push(`script: ${error.message}`))
  page.on('console', (message) => {
    // A page that nobody has signed in to asks once, and is refused; Chromium writes that down.
    if (message.type() !== 'error' || /status of 401/.test(message.text())) return
    troubles.push(`console: ${message.text()}`)
  })
  return { page, context, troubles }
}
