import type { Cluster } from '../../client/cluster.ts'
import { KafkaError } from '../../client/errors.ts'
import { alterTopicConfigs } from '../ports/topics.ts'
import type { MirrorRecord } from '../state/records.ts'
import { heldSettings, type TopicConfig } from './configs.ts'

/** The source's own values of the settings that a mirror holds otherwise; kept, since the source may be gone later. */
export function withheldSettings(source: TopicConfig): TopicConfig {
  const names = Object.keys(heldSettings(source))
  return Object.fromEntries(Object.entries(source).filter(([name]) => names.includes(name)))
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
    const unset = Object.keys(heldSettings({})).filter((name) => !(name in withheld))
    try {
      await alterTopicConfigs(destination, mirror, { set: withheld, unset })
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error
      refused.push({ mirror, error })
    }
  }
  return refused
}
