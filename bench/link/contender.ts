import type { Arena } from './arena.ts'
import type { Shape } from './shapes.ts'

/** A program that mirrors topics, made ready to be measured. */
export type Contender = {
  readonly name: ContenderName
  /** Starts it on one topic of the source. `run` is a name of this run, never used before. */
  start(arena: Arena, topic: string, run: string, shape: Shape | null): Promise<Mirroring>
}

export type ContenderName = 'mm2-default' | 'mm2-tuned' | 'exact-link'

/** A contender at work. */
export type Mirroring = {
  readonly pid: number
  /** The topic on the destination. */
  readonly mirror: string
  /** Why it ended by itself; null while it runs. */
  readonly ended: () => string | null
  stop(): Promise<void>
}
