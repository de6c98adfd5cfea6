import { describeGroups } from '../../../client/admin/describe-groups.ts'
import { removeMembers } from '../../../client/admin/remove-members.ts'
import { nameMatcher } from '../../../link/names.ts'
import { GroupSourceAdapter } from '../../../link/ports/groups.ts'
import { type Step, sourceOf } from '../scene.ts'

/**
 * Removes the members that were left on the cluster that the route has gone from. They would hold up their own return
 * until their sessions end, and positions could not be written for them.
 */
export const evict: Step = async (scene) => {
  const { cluster } = sourceOf(scene)
  const groups = (await new GroupSourceAdapter(cluster).list()).filter(nameMatcher(scene.course.groups))
  let removed = 0
  for (const outcome of await describeGroups(cluster, groups)) {
    if (!outcome.ok || outcome.value.members.length === 0) continue
    await removeMembers(cluster, outcome.value)
    removed += outcome.value.members.length
  }
  return `${removed} members removed from ${scene.course.from}`
}
