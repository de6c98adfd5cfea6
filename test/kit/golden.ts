import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root } from '../run/suites.ts'

/**
 * A page of the project that is made from its code must be what the code makes now. With KMC_UPDATE=1
 * (`kmc test --only tidy --update`) the page is written instead. Throws with the first line that differs.
 */
export function assertGenerated(path: string, text: string): void {
  const file = join(root, path)
  if (process.env.KMC_UPDATE === '1') {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
  const present = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []
  const wanted = text.split('\n')
  for (let at = 0; at < Math.max(present.length, wanted.length); at += 1) {
    if (present[at] === wanted[at]) continue
    throw new Error(
      `${path}:${at + 1} is not what the code says now. Write it anew: ./kmc test --only tidy --update\n` +
        `  there: ${present[at] ?? '(the end)'}\n  now:   ${wanted[at] ?? '(the end)'}`,
    )
  }
}
