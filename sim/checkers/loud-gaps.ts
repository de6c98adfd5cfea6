import type { Fault } from '../../src/link/status.ts'
import type { Pair } from '../world/mirrors.ts'
import type { World } from '../world/world.ts'
import { type Checker, type LinkAppend, Violation } from './checker.ts'
import { damageOf } from './judge.ts'
import { PASSING } from './passing.ts'
import { whereIs } from './where.ts'

/** Faults that stand for lost or spoilt records, and what must have been done to the world for each. */
const CAUSES: Readonly<Record<string, readonly string[]>> = {
  RETENTION_OVERTOOK: ['retention'],
  SOURCE_TRUNCATED: ['truncate', 'damage'],
  DIVERGED: ['damage', 'truncate', 'foreign'],
  FOREIGN_WRITER: ['damage', 'foreign'],
  SOURCE_TOPIC_RECREATED: ['recreate'],
  SOURCE_TOPIC_DELETED: ['recreate', 'stale-metadata'],
  SOURCE_TOPIC_MISSING: ['recreate', 'stale-metadata'],
  // A worker that was overtaken while it made the mirror notes it as not made yet, and the log refuses no such note.
  MIRROR_NOT_EMPTY: ['foreign', 'delete-mirror', 'second-worker'],
}

/** I6: what is lost is said, with the exact offsets; and nothing is said that did not happen. */
export function loudGaps(world: World): Checker {
  return {
    appended({ pair, judged }: LinkAppend) {
      const jumped = judged.find(({ judgement }) => judgement === 'jump')
      if (jumped !== undefined) {
        throw new Violation(
          'I6',
          `${whereIs(pair, jumped.offset)}: a marker covers a record that retention took`,
        )
      }
      const added = judged.findLast(({ judgement }) => judgement === 'same')
      const damage = damageOf(pair)
      if (added !== undefined && damage?.why === 'tail lost at the source' && added.offset > damage.offset) {
        throw new Violation(
          'I6',
          `${whereIs(pair, added.offset)}: copied on over a tail that the source lost at ${damage.offset}`,
        )
      }
    },
    rested() {
      for (const pair of world.livePairs()) {
        const fault = world.faultOf(pair)
        if (fault === null) checkSilence(pair)
        else checkFault(pair, fault, world)
      }
    },
  }
}

function checkSilence(pair: Pair): void {
  const { source, mirror } = pair
  const damage = damageOf(pair)
  if (damage !== null) {
    throw new Violation('I6', `${whereIs(pair, damage.offset)}: ${damage.why}, and no fault says so`)
  }
  if (source.log.start > mirror.log.end) {
    const range = `${mirror.log.end} to ${source.log.start - 1}`
    throw new Violation('I6', `${whereIs(pair, mirror.log.end)}: ${range} are gone, and no fault says so`)
  }
}

function checkFault(pair: Pair, fault: Fault, world: World): void {
  const says = `${whereIs(pair, pair.mirror.log.end)}: ${fault.code} (${fault.message})`
  if (PASSING.has(fault.code)) throw new Violation('liveness', `${says} long after all was healed`)
  const causes = CAUSES[fault.code] ?? []
  const happened = causes.some((cause) => world.happened(cause, pair))
  if (!happened) throw new Violation('I6', `${says}, but nothing of the kind happened`)
  if (fault.code !== 'RETENTION_OVERTOOK') return
  const { offset, sourceStart, lost } = fault.evidence as {
    offset: number
    sourceStart: number
    lost: number
  }
  // What a late worker still had in hand, what was late on its way, or a foreign writer's may have come since.
  const isLate = world.workers.length > 1 || pair.lastBy.endsWith('(late)')
  const mayHaveGrown = isLate || pair.damage !== null
  const isEnd = offset === pair.mirror.log.end || (offset < pair.mirror.log.end && mayHaveGrown)
  const isExact = isEnd && lost === sourceStart - offset && sourceStart <= pair.source.log.start
  if (!isExact) throw new Violation('I6', `${says}: the mirror ends at ${pair.mirror.log.end}`)
}
