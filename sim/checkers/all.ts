import type { World } from '../world/world.ts'
import type { Checker } from './checker.ts'
import { exactCopy } from './exact-copy.ts'
import { liveness } from './liveness.ts'
import { loudGaps } from './loud-gaps.ts'
import { noDuplicate } from './no-duplicate.ts'
import { noInvention } from './no-invention.ts'
import { noLoss } from './no-loss.ts'
import { oneWriter } from './one-writer.ts'
import { honestPositions } from './positions.ts'

export function allCheckers(world: World): readonly Checker[] {
  const makers = [noLoss, exactCopy, noDuplicate, noInvention, honestPositions, loudGaps, oneWriter, liveness]
  return makers.map((make) => make(world))
}
