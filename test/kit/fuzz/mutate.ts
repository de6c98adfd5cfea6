import type { Random } from './random.ts'

const CHANGES_MAX = 4
/** Lengths, counts and varints that parsers get wrong. */
const NASTY = [
  '7fffffff',
  '80000000',
  'ffffffff',
  '00000000',
  'ffffffff0f',
  'ffffffff07',
  '00',
  '01',
  '7f',
  '80',
  'ff',
].map((hex) => Buffer.from(hex, 'hex'))

/** A copy of `bytes` with a few random changes; pieces of `other` may be put in. */
export function mutate(random: Random, bytes: Buffer, other: Buffer): Buffer {
  let changed = Buffer.from(bytes)
  for (let left = 1 + random.below(CHANGES_MAX); left > 0; left--) changed = change(random, changed, other)
  return changed
}

function change(random: Random, bytes: Buffer, other: Buffer): Buffer<ArrayBuffer> {
  const at = random.below(bytes.length + 1)
  const end = Math.min(bytes.length, at + 1 + random.below(8))
  switch (random.below(6)) {
    case 0: {
      const copy = Buffer.from(bytes)
      if (at < copy.length) copy[at]! ^= 1 << random.below(8)
      return copy
    }
    case 1: {
      const copy = Buffer.from(bytes)
      random.pick(NASTY).copy(copy, at)
      return copy
    }
    case 2:
      return Buffer.from(bytes.subarray(0, at))
    case 3:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(end)])
    case 4:
      return Buffer.concat([bytes.subarray(0, end), bytes.subarray(at)])
    default: {
      const from = random.below(other.length + 1)
      return Buffer.concat([bytes.subarray(0, at), other.subarray(from, from + 16), bytes.subarray(end)])
    }
  }
}
