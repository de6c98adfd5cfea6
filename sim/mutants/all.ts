import type { Mutant } from './mutant.ts'
import { positionMutants } from './positions.ts'
import { readingMutants } from './reading.ts'
import { recoveringMutants } from './recovering.ts'
import { writingMutants } from './writing.ts'

export const mutants: readonly Mutant[] = [
  ...writingMutants,
  ...recoveringMutants,
  ...readingMutants,
  ...positionMutants,
]
