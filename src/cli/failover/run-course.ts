import { within } from '../../client/deadline.ts'
import type { Course } from '../../failover/run/course.ts'
import { type CourseOptions, runCourse } from '../../failover/run/run-course.ts'
import type { RunEvent } from '../../failover/run/runner.ts'
import type { FailoverRecord } from '../../failover/state/records.ts'
import { openFleet } from '../../fleet/apply/open-fleet.ts'
import { type FailoverTarget, failoverTarget } from '../../fleet/run/failover-target.ts'
import { supervisorStatus } from '../../server/fleet-status.ts'
import type { CommandContext } from '../command.ts'
import type { Output } from '../output.ts'
import { formatDuration } from '../terminal/units.ts'

/** The supervisor is on this machine; a plan does not wait longer for it than for a cluster. */
const SUPERVISOR_MS = 3_000

/** Everything that a plan for a route is made from. @throws ROUTE_UNKNOWN */
export async function targetOf({ fleetPath, signal }: CommandContext, name: string): Promise<FailoverTarget> {
  const loaded = await openFleet(fleetPath)
  const asked = supervisorStatus(loaded.directory)
  const limits = { timeoutMs: SUPERVISOR_MS }
  const status = within(limits, 'Asking the supervisor', asked).catch(() => null)
  return await failoverTarget(loaded, name, { status, signal })
}

/** Runs a course to its end, telling each step. */
export function tellCourse(
  { out, signal }: CommandContext,
  course: Course,
  target: FailoverTarget,
  choice: Pick<CourseOptions, 'askedAt' | 'catchUpMs'>,
): Promise<FailoverRecord> {
  const onNote = (text: string) => out.note(text)
  return runCourse(course, target, { ...choice, signal, onNote, onEvent: (event) => tell(event, out) })
}

function tell(event: RunEvent, out: Output): void {
  switch (event.kind) {
    case 'ends':
      out.note(`✓ ${event.step}: ${event.note} (${formatDuration(event.ms)})`)
      break
    case 'goes on':
      out.note(`… ${event.step}: ${event.note}`)
      break
    case 'fails':
      out.note(`✗ ${event.step} failed`)
      break
    case 'undone':
      out.note('the route is back where it was, and the link goes on')
  }
}
