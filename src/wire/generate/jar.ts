import { readFileSync } from 'node:fs'
import { inflateRawSync } from 'node:zlib'

const END_SIGNATURE = 0x06054b50
const ENTRY_SIGNATURE = 0x02014b50
const END_BYTES = 22
const ENTRY_BYTES = 46
const LOCAL_BYTES = 30
const STORED = 0
const DEFLATED = 8

/** Reads the entries of a jar (a zip file, APPNOTE 4.3) whose path passes `wanted`, as texts by path. */
export function readJar(file: string, wanted: (path: string) => boolean): Map<string, string> {
  const zip = readFileSync(file)
  const end = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]))
  if (end < 0 || end + END_BYTES > zip.length || zip.readUInt32LE(end) !== END_SIGNATURE) {
    throw new Error(`${file} is not a jar: it has no end of central directory`)
  }
  const entries = new Map<string, string>()
  let at = zip.readUInt32LE(end + 16)
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    if (zip.readUInt32LE(at) !== ENTRY_SIGNATURE)
      throw new Error(`${file}: broken central directory at byte ${at}`)
    const nameBytes = zip.readUInt16LE(at + 28)
    const path = zip.toString('utf8', at + ENTRY_BYTES, at + ENTRY_BYTES + nameBytes)
    if (wanted(path)) entries.set(path, readEntry(zip, at, path))
    at += ENTRY_BYTES + nameBytes + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32)
  }
  return entries
}

function readEntry(zip: Buffer, at: number, path: string): string {
  const method = zip.readUInt16LE(at + 10)
  const size = zip.readUInt32LE(at + 20)
  const local = zip.readUInt32LE(at + 42)
  const from = local + LOCAL_BYTES + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28)
  const bytes = zip.subarray(from, from + size)
  if (method === STORED) return bytes.toString('utf8')
  if (method === DEFLATED) return inflateRawSync(bytes).toString('utf8')
  throw new Error(`${path} is compressed by method ${method}, which is not supported`)
}
