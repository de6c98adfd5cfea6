import { isTransactional, verifyCrc } from '../../src/wire/batch/header.ts'
import type { World } from '../world/world.ts'
import { type Checker, type LinkAppend, Violation } from './checker.ts'
import { whereIs } from './where.ts'

/** I2: what the mirror has at an offset is what the source has there, byte for byte, under a right CRC. */
export function exactCopy(_world: World): Checker {
  return {
    appended({ pair, stored, judged }: LinkAppend) {
      if (!verifyCrc(stored.bytes))
        throw new Violation('I2', `${whereIs(pair, stored.base)}: the CRC is wrong`)
      if (!stored.control && isTransactional(stored.header)) {
        throw new Violation('I2', `${whereIs(pair, stored.base)}: a batch is still of a transaction`)
      }
      const changed = judged.find(({ judgement }) => judgement === 'changed')
      if (changed === undefined) return
      throw new Violation(
        'I2',
        `${whereIs(pair, changed.offset)}: another record or timestamp than at the source`,
      )
    },
  }
}
