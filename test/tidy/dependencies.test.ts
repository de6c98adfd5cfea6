import assert from 'node:assert/strict'
import { isBuiltin } from 'node:module'
import { test } from 'node:test'
import { importsOf } from './modules.ts'
import { isTest, place, read, typescript } from './project.ts'

type Manifest = {
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}
type Lock = { readonly packages: Readonly<Record<string, LockedPackage>> }
type LockedPackage = {
  readonly resolved?: string
  readonly integrity?: string
  readonly dev?: boolean
  readonly hasInstallScript?: boolean
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const manifest = JSON.parse(read('package.json').text) as Manifest
const lock = JSON.parse(read('package-lock.json').text) as Lock

/** Used as programs or types, or loaded by name for want of types; not imported. */
const tools = new Set([
  ...['@biomejs/biome', '@types/node', '@types/react', '@types/react-dom'],
  ...['oidc-provider', 'typescript'],
])

const packageUses = typescript.flatMap((path) =>
  importsOf(path)
    .filter(({ specifier, target }) => target === null && specifier !== '' && !isBuiltin(specifier))
    .map((entry) => ({ ...entry, path, name: packageName(entry.specifier) })),
)

function packageName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

/** What runs in the product, as against tests and benchmarks. */
const isProduct = (path: string): boolean => /^(src|console)\//.test(path) && !isTest(path)

test('every dependency is used', () => {
  const product = new Set(packageUses.filter(({ path }) => isProduct(path)).map(({ name }) => name))
  const all = new Set(packageUses.map(({ name }) => name))
  const unused = Object.keys(manifest.dependencies).filter((name) => !product.has(name))
  const unusedTools = Object.keys(manifest.devDependencies).filter(
    (name) => !all.has(name) && !tools.has(name),
  )
  assert.deepEqual([...unused, ...unusedTools], [])
})

test('everything imported is a declared dependency, and the product needs no development package', () => {
  const wrong = packageUses.filter(({ path, name }) => {
    if (name in manifest.dependencies) return false
    return isProduct(path) || !(name in manifest.devDependencies)
  })
  assert.deepEqual(
    wrong.map(({ path, line, name }) => `${place(path, line)} ${name}`),
    [],
  )
})

test('versions are exact', () => {
  const loose = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }).filter(
    ([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version),
  )
  assert.deepEqual(loose, [])
})

test('the lock names no registry, and every package has a checksum and no install script', () => {
  const wrong = Object.entries(lock.packages).filter(
    ([path, { resolved, integrity, hasInstallScript }]) =>
      path !== '' && (resolved !== undefined || integrity === undefined || hasInstallScript === true),
  )
  assert.deepEqual(
    wrong.map(([path]) => path),
    [],
  )
})

test('the lock holds what the other platforms need', () => {
  // npm leaves out what a registry did not serve when the lock was written; `npm ci` then refuses the lock.
  const missing = Object.entries(lock.packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter(
        (name) =>
          !(`node_modules/${name}` in lock.packages) && !(`${path}/node_modules/${name}` in lock.packages),
      )
      .map((name) => `${path} wants ${name}`),
  )
  assert.deepEqual(missing, [])
})
