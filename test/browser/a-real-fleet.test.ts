import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { Page } from 'playwright-core'
import { kmcOk, nothingRuns, startKmc } from '../harness/kmc.ts'
import { temporaryDirectory } from '../harness/temporary.ts'
import { PATIENCE_MS, waitUntil } from '../harness/wait.ts'
import { openBrowser, openPage } from './kit/chromium.ts'

/**
 * A new user on a fleet that runs: signs in by the printed link, sees the map, reads records, pauses and promotes
 * mirrors, moves a route to its receipt. With KMC_PICTURES=FOLDER it leaves pictures of what was seen.
 */

const browser = await openBrowser()
const skip = typeof browser === 'string' ? browser : false
const base = Number(process.env.KMC_TEST_PORT ?? 20_900)
const directory = temporaryDirectory('page')
writeFileSync(
  join(directory, 'fleet.yaml'),
  `fleet: shop
clusters:
  seoul: { port: ${base}, region: kr }
  virginia: { port: ${base + 20}, region: us }
links:
  dr: { from: seoul, to: virginia, producerIdsFrom: 2000 }
routes:
  shop: { primary: seoul, standby: virginia, port: ${base + 50}, slots: 4 }
server: { port: ${base + 40} }
`,
)
const up = skip === false ? startKmc(directory, 'up') : null
after(async () => {
  if (typeof browser !== 'string') await browser.close()
  up?.kill('SIGTERM')
  await up?.ended
  await nothingRuns(directory)
})

const pictures = process.env.KMC_PICTURES
const SOON = { withinMs: PATIENCE_MS, everyMs: 300 }

/** In both schemes, for the guide. */
async function picture(page: Page, name: string): Promise<void> {
  if (pictures === undefined) return
  mkdirSync(pictures, { recursive: true })
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme })
    await page.screenshot({ path: join(pictures, `${name}-${scheme}.png`) })
  }
}

async function signInLink(): Promise<string> {
  const printed = () => /http:\S+#signin=[\w-]+/.exec(up!.printed())?.[0]
  await waitUntil('the link is printed', async () => printed() !== undefined, SOON)
  return printed()!
}

async function act(page: Page, button: string, mirror: string): Promise<void> {
  const row = page.locator('tr', { has: page.locator('td.name', { hasText: mirror }) })
  await row.getByRole('button', { name: `${button} ${mirror}` }).click()
  const dialog = page.locator('dialog[open]')
  const submit = dialog.locator('button[type=submit]')
  await dialog.locator('p', { hasText: 'becomes' }).waitFor()
  const word = dialog.locator('input.field')
  if ((await word.count()) > 0) await word.fill(mirror)
  await submit.click()
  await dialog.locator('.badge', { hasText: 'Done' }).waitFor()
  await picture(page, `mirror-${button.toLowerCase()}`)
  await dialog.getByRole('button', { name: 'Close' }).click()
}

const rootOf = (page: Page): string => new URL(page.url()).origin

async function workOnMirrors(page: Page): Promise<void> {
  await page.goto(`${rootOf(page)}/ui/links/dr`)
  await page.locator('td.name', { hasText: 'stock' }).waitFor()
  await act(page, 'Pause', 'stock')
  await act(page, 'Resume', 'stock')
  await act(page, 'Promote', 'stock')
  await page.locator('.badge', { hasText: 'promoted' }).first().waitFor()
  await picture(page, 'link')
  await page.getByRole('link', { name: 'Fleet map' }).first().click()
  await page.locator('.cluster-card').nth(1).waitFor()
  await picture(page, 'map')
}

async function readRecords(page: Page): Promise<void> {
  await page.goto(`${rootOf(page)}/ui/clusters/seoul/topics/orders`)
  await page.locator('.record').first().waitFor()
  await page.locator('.record button').first().click()
  await page.locator('.record-detail').first().waitFor()
  await picture(page, 'records')
}

async function moveRoute(page: Page): Promise<void> {
  await page.goto(`${rootOf(page)}/ui/routes/shop`)
  await page.locator('.badge', { hasText: 'serving' }).first().waitFor()
  await page.getByRole('button', { name: 'Plan a failover' }).click()
  const move = page.getByRole('button', { name: 'Move shop to virginia' })
  await move.waitFor()
  await picture(page, 'failover-plan')
  await page.locator('form.typed input').fill('shop')
  await move.click()
  await page.locator('.badge', { hasText: 'moved' }).waitFor()
  await picture(page, 'failover-steps')
  await page.getByRole('link', { name: 'Its receipt' }).click()
  await page.locator('pre.receipt', { hasText: 'switchover from seoul to virginia' }).waitFor()
  await picture(page, 'receipt')
}

test('a new user signs in, sees the map, and runs the fleet from the page', { skip }, async () => {
  assert.ok(typeof browser !== 'string')
  const { page, context, troubles } = await openPage(browser, {})
  context.setDefaultTimeout(PATIENCE_MS)
  await page.goto(await signInLink())
  await page.locator('.cluster-card', { hasText: 'ready' }).nth(1).waitFor()
  // Until the console was built a page that waits stood there, answered with 503.
  troubles.length = 0
  assert.ok(!page.url().includes('signin='), 'the code does not stay in the address')
  for (const topic of ['orders', 'stock']) {
    await kmcOk(directory, 'topic', 'create', topic, '--cluster', 'seoul')
  }
  const lines = Array.from(
    { length: 200 },
    (_, at) => `order-${at}=${JSON.stringify({ order: at, status: 'paid' })}`,
  )
  await kmcOk(
    { directory, input: `${lines.join('\n')}\n` },
    ...['produce', 'orders', '--cluster', 'seoul', '--key-separator', '='],
  )
  await page.locator('.fresh', { hasText: 'live' }).waitFor()

  await workOnMirrors(page)
  await readRecords(page)
  await moveRoute(page)

  await page.goto(`${rootOf(page)}/ui/audit`)
  await page.locator('td', { hasText: 'route.failover' }).first().waitFor()
  await picture(page, 'audit')
  assert.deepEqual(troubles, [])
  await context.close()
})
