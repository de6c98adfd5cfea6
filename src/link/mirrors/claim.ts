import type { KmcError } from '../../base/error.ts'
import { linkError } from '../errors.ts'
import type { StateView } from '../state/view.ts'
import { isReleased } from './life.ts'

/**
 * Why `link` may not make a mirror of this name: another link of this destination keeps that topic, or it was promoted
 * and is a topic of its own. `topicId` is the topic that is there now, null when there is none. Null when it is free.
 */
export function claimOf(
  view: StateView,
  link: string,
  mirror: string,
  topicId: string | null,
): KmcError | null {
  for (const other of view.links()) {
    if (other.name === link) continue
    const record = view.mirrors(other.name).find((one) => one.mirror === mirror)
    if (record === undefined || (topicId !== null && record.mirrorTopicId !== topicId)) continue
    // What was let go and is gone since is nobody's.
    if (isReleased(record.state) && topicId === null) continue
    const { name, clusterId } = other.source
    const whose = `link ${other.name} from ${name} (cluster ${clusterId})`
    const text = isReleased(record.state)
      ? `${mirror} is a topic of its own since it was let go by ${whose}`
      : `${mirror} is kept by ${whose}`
    const context = {
      mirror,
      link: other.name,
      source: name,
      sourceClusterId: clusterId,
      state: record.state,
    }
    return linkError('MIRROR_CLAIMED', text, { context })
  }
  return null
}
