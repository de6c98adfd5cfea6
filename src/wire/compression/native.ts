import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/**
 * A native codec, loaded at its first use: each costs a process 4 MB, and a worker that only passes batches on never
 * compresses. (Decompressing is JavaScript.)
 */
export function lazily<Library>(name: 'lz4-napi' | 'snappy'): () => Library {
  let library: Library | null = null
  return () => {
    library ??= require(name) as Library
    return library
  }
}
