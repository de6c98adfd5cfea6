import type { Mutation } from '../world/worker.ts'

/** A bug planted from outside: a wrapped port, or a wrong identity. The simulation must find it. */
export type Mutant = {
  readonly name: string
  /** What would be wrong in the product. */
  readonly bug: string
  readonly mutation: Mutation
  /** The first seed of the hunt where a bug shows too seldom among the first ones; 1 by default. */
  readonly from?: number
}
