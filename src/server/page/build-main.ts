import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { build } from 'vite'

/** Builds the console of a clone into a folder: `node build-main.ts ROOT TARGET`. */
const [root, target] = process.argv.slice(2) as [string, string]
const staging = `${target}.${process.pid}`

await mkdir(dirname(target), { recursive: true })
try {
  await build({
    root: join(root, 'console'),
    configFile: false,
    logLevel: 'error',
    build: {
      outDir: staging,
      emptyOutDir: true,
      target: ['chrome123', 'firefox121', 'safari17.5'],
      // The page's policy allows no data: addresses and no inline scripts.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      chunkSizeWarningLimit: 2_000,
    },
  })
  await compressAll(staging)
  await show(staging, target)
} finally {
  await rm(staging, { recursive: true, force: true })
}

async function compressAll(directory: string): Promise<void> {
  const files = await readdir(directory, { recursive: true, withFileTypes: true })
  for (const entry of files.filter((file) => file.isFile())) {
    const path = join(entry.parentPath, entry.name)
    const bytes = await readFile(path)
    const params = { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length }
    await writeFile(`${path}.br`, await promisify(brotliCompress)(bytes, { params }))
    await writeFile(`${path}.gz`, await promisify(gzip)(bytes, { level: 9 }))
  }
}

/** Another build of the same source may have been faster. */
async function show(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
}
