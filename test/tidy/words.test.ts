import assert from 'node:assert/strict'
import { test } from 'node:test'
import { place, read, written } from './project.ts'

/** Things that must not be left in the project. */
const unwanted: readonly { readonly what: string; readonly pattern: RegExp }[] = [
  { what: 'work left undone', pattern: /\b(TODO|FIXME|XXX|HACK)\b/ },
  { what: 'the address of a registry', pattern: /registry\.npmjs|repo1?\.maven|pypi\.org|registry\.yarnpkg/ },
  { what: 'a path of one machine', pattern: /(^|[\s'"`(=:])\/(work|opt\/dev|root|home|Users)\/\w|\/tmp\/\w/ },
  { what: 'a private key', pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----(\\n|\s)*[A-Za-z0-9+/]{32}/ },
  { what: 'a token', pattern: /\b(AKIA[0-9A-Z]{16}|gh[pousr]_\w{36}|npm_\w{36}|xox[bap]-[\w-]{20,})\b/ },
  { what: 'a password in an address', pattern: /:\/\/[^\s/:@'"`$]+:[^\s/:@'"`$]+@/ },
  { what: 'words about who wrote it', pattern: /\b(claude|chatgpt|copilot|LLM|AI assistant|sub-?agent)\b/i },
]

const SELF = /^test\/tidy\/words\.test\.ts$/

for (const { what, pattern } of unwanted) {
  test(`nowhere stands ${what}`, () => {
    const found = written
      .filter((path) => !SELF.test(path))
      .flatMap((path) =>
        read(path).lines.flatMap((line, index) => (pattern.test(line) ? [place(path, index)] : [])),
      )
    assert.deepEqual(found, [])
  })
}

test('no test is left out or left alone', () => {
  const found = written
    .filter((path) => path.endsWith('.test.ts') && !SELF.test(path))
    .flatMap((path) =>
      read(path).lines.flatMap((line, index) =>
        /\b(test|it|describe|suite)\.(only|todo)\(|\bonly: true/.test(line) ? [place(path, index)] : [],
      ),
    )
  assert.deepEqual(found, [])
})
