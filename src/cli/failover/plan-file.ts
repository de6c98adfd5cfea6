import { readFile, stat } from 'node:fs/promises'
import { messageOf } from '../../base/error.ts'
import { isMissing, writeDurably } from '../../engine/durable-file.ts'
import { failoverError } from '../../failover/errors.ts'
import type { FailoverPlan } from '../../failover/plan/plan.ts'
import { failoverPlanText, parseFailoverPlan } from '../../failover/plan/saved.ts'

/** A plan names every partition; a hundred thousand of them fit. */
const PLAN_FILE_BYTES_MAX = 64 * 1024 * 1024

export async function saveFailoverPlan(path: string, plan: FailoverPlan): Promise<void> {
  await writeDurably(path, failoverPlanText(plan))
}

/** @throws FAILOVER_PLAN_UNREADABLE: not there, not a plan, of another version, changed by hand */
export async function readFailoverPlan(path: string): Promise<FailoverPlan> {
  const plan = parseFailoverPlan(await textOf(path))
  if (typeof plan === 'string') throw unreadable(path, plan)
  return plan
}

async function textOf(path: string): Promise<string> {
  try {
    const { size } = await stat(path)
    if (size <= PLAN_FILE_BYTES_MAX) return await readFile(path, 'utf8')
  } catch (error) {
    throw unreadable(path, isMissing(error) ? 'there is no such file' : messageOf(error))
  }
  throw unreadable(path, 'it is too large for a plan')
}

function unreadable(path: string, why: string) {
  return failoverError('FAILOVER_PLAN_UNREADABLE', `${path} cannot be used as a plan: ${why}`, {
    context: { file: path },
  })
}
