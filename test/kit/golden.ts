import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root } from '../run/suites.ts'

/**
 * A page of the project that is made from its code must be what the code makes now. With KMC_UPDATE=1
 * (`kmc test --only tidy --update`) the page is written instead.
 */
export function assertGenerated(path: string, text: string): void {
  const file = join(root, path)
  if (process.env.KMC_UPDATE === '1') {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
  const present = existsSync(file) ? readFileSync(file, 'utf8') : ''
  assert.equal(present, text, `${path} is not what the code says now. Run: ./kmc test --only tidy --update`)
}
