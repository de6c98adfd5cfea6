import type { Cluster } from '../../client/cluster.ts'
import { KafkaError } from '../../client/errors.ts'
import { alterTopicConfigs, topicConfigs } from '../ports/topics.ts'
import type { MirrorRecord } from '../state/records.ts'
import { HELD_BEFORE_4, heldSettings, type TopicConfig } from './configs.ts'

/** How a topic that is no mirror any more gets the source's own settings in place of those that a mirror holds. */
export function releasedSettings(
  withheld: TopicConfig,
  present: TopicConfig,
): { readonly set: TopicConfig; readonly unset: readonly string[] } {
  const held = [...Object.keys(heldSettings({})), ...Object.keys(HELD_BEFORE_4)]
  return { set: withheld, unset: held.filter((name) => name in present && !(name in withheld)) }
}

/**
 * Gives topics that are mirrors no longer the source's retention, timestamps and sizes in place of those that a mirror
 * holds, so that they delete old records again. Returns the topics that it could not change, each with the reason.
 */
export async function releaseMirrors(
  destination: Cluster,
  mirrors: readonly MirrorRecord[],
): Promise<{ readonly mirror: string; readonly error: KafkaError }[]> {
  const refused: { mirror: string; error: KafkaError }[] = []
  for (const { mirror, withheld } of mirrors) {
    try {
      const present = (await topicConfigs(destination, [mirror])).get(mirror) ?? {}
      await alterTopicConfigs(destination, mirror, releasedSettings(withheld, present))
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error
      refused.push({ mirror, error })
    }
  }
  return refused
}
