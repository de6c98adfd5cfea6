import { readRecords } from '../../src/wire/batch/records.ts'
import type { PartitionModel } from '../model/cluster.ts'
import type { Pair } from '../world/mirrors.ts'
import type { World } from '../world/world.ts'
import { type Checker, type LinkAppend, Violation } from './checker.ts'
import { damageOf } from './judge.ts'
import { whereIs } from './where.ts'

/** I1: every record that readers of the source get is on the mirror, once the mirror has passed its offset. */
export function noLoss(world: World): Checker {
  return {
    appended({ pair, judged }: LinkAppend) {
      for (const { offset, judgement } of judged) {
        if (judgement !== 'jump' || offset < pair.source.log.start) continue
        throw new Violation('I1', `${whereIs(pair, offset)}: a marker stands where the source has a record`)
      }
    },
    savingMirror({ topic, start, mirrorTopicId, sourceTopicId }) {
      const source = world.source.topics.get(topic)
      if (mirrorTopicId === '' || source?.id !== sourceTopicId) return
      for (const [partition, offset] of start.entries()) {
        const from = source.partitions[partition]?.log.start
        if (from === undefined || offset <= from) continue
        throw new Violation(
          'I1',
          `mirror of ${topic}-${partition} begins at ${offset}, the source at ${from}`,
        )
      }
    },
    rested() {
      for (const pair of world.livePairs()) {
        if (damageOf(pair) === null && world.faultOf(pair)?.code !== 'SOURCE_TRUNCATED') check(pair)
      }
    },
  }
}

function check(pair: Pair): void {
  const { source, mirror, start } = pair
  const from = Math.max(start, source.log.start)
  const held = offsetsOf(mirror)
  for (let offset = from; offset < Math.min(mirror.log.end, source.log.stable); offset++) {
    if (source.truth.visible(offset) !== null && !held.has(offset)) {
      throw new Violation('I1', `${whereIs(pair, offset)}: a record of the source is missing`)
    }
  }
}

function offsetsOf({ log }: PartitionModel): ReadonlySet<number> {
  const held = new Set<number>()
  for (const { control, bytes } of log.entries) {
    if (!control) for (const { offset } of readRecords(bytes)) if (offset >= log.start) held.add(offset)
  }
  return held
}
