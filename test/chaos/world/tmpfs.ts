import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryDirectory } from '../../harness/temporary.ts'

const CHUNK_BYTES = 1024 * 1024

/** A small disk in memory that can be filled. Linux and root only. */
export class SmallDisk {
  readonly path: string

  private constructor(path: string) {
    this.path = path
  }

  /** Null where none can be made. */
  static make(mebibytes: number): SmallDisk | null {
    if (process.platform !== 'linux' || process.getuid?.() !== 0) return null
    const path = join(temporaryDirectory('small-disk'), 'disk')
    mkdirSync(path)
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', path], { stdio: 'pipe' })
    } catch {
      return null
    }
    const disk = new SmallDisk(path)
    // Before the folder is removed, which stands in the same list.
    process.prependOnceListener('exit', () => disk.remove())
    return disk
  }

  /** Leaves not one byte. */
  fill(): void {
    const bytes = Buffer.alloc(CHUNK_BYTES)
    for (const size of [CHUNK_BYTES, 4096, 1]) {
      for (let isFull = false; !isFull; ) isFull = !appended(this.#filler, bytes.subarray(0, size))
    }
  }

  free(): void {
    rmSync(this.#filler, { force: true })
  }

  remove(): void {
    if (!existsSync(this.path)) return
    try {
      execFileSync('umount', ['-l', this.path], { stdio: 'pipe' })
    } catch {
      // It is not mounted any more.
    }
  }

  get #filler(): string {
    return join(this.path, 'filler')
  }
}

function appended(path: string, bytes: Buffer): boolean {
  try {
    writeFileSync(path, bytes, { flag: 'a' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return false
    throw error
  }
}
