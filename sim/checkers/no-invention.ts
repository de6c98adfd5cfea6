import type { World } from '../world/world.ts'
import { type Checker, type LinkAppend, Violation } from './checker.ts'
import { whereIs } from './where.ts'

/** I4: nothing is on the mirror that no reader of the source can get: nothing aborted, undecided or made up. */
export function noInvention(_world: World): Checker {
  return {
    appended({ pair, judged }: LinkAppend) {
      const invented = judged.find(
        ({ judgement }) => judgement === 'aborted' || judgement === 'undecided' || judgement === 'unknown',
      )
      if (invented === undefined) return
      throw new Violation('I4', `${whereIs(pair, invented.offset)}: holds something ${invented.judgement}`)
    },
  }
}
