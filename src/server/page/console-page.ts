import { readdir, readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { messageOf } from '../../base/error.ts'
import type { Log } from '../../base/log.ts'
import { builtConsole } from './build.ts'
import { type Page, type PageFile, reloadScript, standInPage, typeOf } from './file.ts'

type Built = ReadonlyMap<string, Buffer>

/** The console's files, from memory. Until they are built, a page that waits for them. */
export class ConsolePage implements Page {
  #files: Built | null = null
  #trouble: string | null = null
  readonly #closed = new AbortController()

  /** Settles when the console can be served, or cannot be built. */
  async open(cacheDirectory: string, log: Log): Promise<void> {
    try {
      this.#files = await readAll(await builtConsole(cacheDirectory, this.#closed.signal))
    } catch (error) {
      if (this.#closed.signal.aborted) return
      this.#trouble = messageOf(error)
      log.error({ error }, 'console not built')
    }
  }

  file(path: string, acceptEncoding: string | undefined): PageFile | null {
    const isDocument = path === '/' || path === '/ui' || path.startsWith('/ui/')
    if (path === '/console-reload.js') return reloadScript
    if (this.#files !== null)
      return found(this.#files, isDocument ? 'index.html' : path.slice(1), acceptEncoding)
    if (!isDocument) return null
    if (this.#trouble === null) {
      return standInPage('Kafka Multi Cluster', 'The console is being built, once for this version.', {
        reloads: true,
      })
    }
    return standInPage('The console could not be built', this.#trouble, { reloads: false })
  }

  close(): void {
    this.#closed.abort()
  }
}

const encodings = [
  { name: 'br', ending: '.br' },
  { name: 'gzip', ending: '.gz' },
] as const

/** In the best form that the browser reads. Names under assets/ hold a hash of what is in them. */
function found(files: Built, name: string, acceptEncoding = ''): PageFile | null {
  if (!files.has(name)) return null
  const accepted = new Set(acceptEncoding.split(',').map((one) => one.split(';', 1)[0]!.trim()))
  const encoding = encodings.find((one) => accepted.has(one.name))
  return {
    status: 200,
    headers: {
      'content-type': typeOf(name),
      'cache-control': name.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-store',
      vary: 'accept-encoding',
      ...(encoding === undefined ? {} : { 'content-encoding': encoding.name }),
    },
    body: files.get(name + (encoding?.ending ?? ''))!,
  }
}

async function readAll(directory: string): Promise<Built> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return new Map(
    await Promise.all(
      paths.map(async (path) => {
        return [relative(directory, path).split(sep).join('/'), await readFile(path)] as const
      }),
    ),
  )
}
