import { KmcError } from '../../base/error.ts'
import type { Cluster } from '../../client/cluster.ts'
import { DescribeGroups } from '../../wire/apis/015-describe-groups.ts'
import { type Assignment, decodeAssignment } from './assignment.ts'

const LIMITS = { timeoutMs: 5_000 }

/** The group of a link's workers on the destination; a name of its own, which no consumer takes by accident. */
export function workerGroupId(link: string): string {
  return `__kmc_link_${link}`
}

/**
 * Who works on a link now, wherever they run, as the coordinator of their group tells; null while nobody does, while
 * they divide anew, and where that may not be known. One that was killed is named until its session is over.
 */
export async function workersOf(destination: Cluster, link: string): Promise<Assignment | null> {
  const groups = [workerGroupId(link)]
  try {
    const node = await destination.coordinator('group', groups[0]!, LIMITS)
    const [group] = (await destination.request(DescribeGroups, { groups }, { node, ...LIMITS })).groups
    const told = group?.members.find(({ memberAssignment }) => memberAssignment.length > 0)
    return told === undefined ? null : decodeAssignment(told.memberAssignment)
  } catch (error) {
    // Positions and what the state topic holds are worth showing without it.
    if (error instanceof KmcError) return null
    throw error
  }
}
