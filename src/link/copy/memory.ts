import { FramePool } from '../../client/frame-pool.ts'
import { HeldRecords } from './held-records.ts'
import { limits } from './limits.ts'

/** What the links of one thread share, so that its memory does not grow with their number. */
export class WorkerMemory {
  /** Large Fetch answers lie here. */
  readonly frames = new FramePool(limits.frameBytesMax)
  readonly held = new HeldRecords()
}
