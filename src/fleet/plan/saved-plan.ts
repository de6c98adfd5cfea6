import { open } from 'node:fs/promises'
import { z } from 'zod'
import { messageOf } from '../../base/error.ts'
import { isMissing, writeDurably } from '../../engine/durable-file.ts'
import { fleetError } from '../errors.ts'
import type { Fleet } from '../file/fleet.ts'
import { checkPlanStillHolds, planId } from './make-plan.ts'
import type { ObservedFleet } from './observed.ts'
import { actionOrder, PLAN_FORMAT, type Plan } from './plan.ts'

/** A plan names every topic it rests on; a hundred thousand of them fit. */
const PLAN_FILE_BYTES_MAX = 64 * 1024 * 1024

const texts = z.array(z.string())
/**
 * The outline of a plan. The insides of its actions are not judged here: before anything is applied they are compared
 * with those that the same kmc would plan now, and only equal ones are run.
 */
const planSchema = z.looseObject({
  format: z.literal(PLAN_FORMAT),
  id: z.string(),
  fleet: z.string(),
  madeAt: z.number(),
  declared: z.string(),
  facts: z.record(z.string(), z.string()),
  resume: texts,
  actions: z.array(z.looseObject({ action: z.enum(actionOrder), subject: z.string(), reason: z.string() })),
  refusals: z.array(z.looseObject({ subject: z.string(), message: z.string(), remedy: z.string() })),
  warnings: z.array(z.object({ subject: z.string(), message: z.string() })),
})

/** Writes a plan as it is; `kmc apply FILE` runs exactly this. */
export async function savePlan(path: string, plan: Plan): Promise<void> {
  await writeDurably(path, `${JSON.stringify(plan, null, 2)}\n`)
}

/** @throws PLAN_FILE_MISSING, PLAN_FILE_INVALID (not a plan, of another version, changed by hand) */
export async function readPlan(path: string): Promise<Plan> {
  const plan = parsed(path, await planText(path))
  const outline = planSchema.safeParse(plan)
  if (!outline.success) {
    const where = outline.error.issues[0]?.path.join('.') ?? ''
    throw invalid(
      path,
      where === '' ? 'it is not a plan' : `${where} is not as this version of kmc writes it`,
    )
  }
  if (planId(plan as Plan) !== outline.data.id) throw invalid(path, 'it was changed after it was made')
  return plan as Plan
}

/**
 * Lets a plan be applied, or says why not.
 * @throws PLAN_REFUSED, PLAN_OUT_OF_DATE with every difference in `context.changes`
 */
export function requireApplicable(plan: Plan, declared: Fleet, observed: ObservedFleet): void {
  const changes = checkPlanStillHolds(plan, declared, observed)
  if (changes.length > 0) {
    const list = changes.map((change) => `  ${change}`).join('\n')
    throw fleetError('PLAN_OUT_OF_DATE', `the plan no longer holds\n${list}`, { context: { changes } })
  }
  requireNotRefused(plan)
}

/** For a plan made just now. @throws PLAN_REFUSED */
export function requireNotRefused(plan: Plan): void {
  if (plan.refusals.length === 0) return
  const list = plan.refusals.map(({ message, remedy }) => `  ${message}\n    ${remedy}`).join('\n')
  throw fleetError('PLAN_REFUSED', `nothing is applied, because\n${list}`, {
    context: { refusals: plan.refusals },
  })
}

async function planText(path: string): Promise<string> {
  try {
    const file = await open(path, 'r')
    try {
      const { size } = await file.stat()
      if (size > PLAN_FILE_BYTES_MAX) throw invalid(path, 'it is too large for a plan')
      return await file.readFile('utf8')
    } finally {
      await file.close()
    }
  } catch (error) {
    if (isMissing(error)) throw fleetError('PLAN_FILE_MISSING', `there is no saved plan ${path}`)
    throw error instanceof Error && 'code' in error && error.code === 'PLAN_FILE_INVALID'
      ? error
      : invalid(path, messageOf(error))
  }
}

function parsed(path: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw invalid(path, 'it is not JSON')
  }
}

function invalid(path: string, why: string) {
  return fleetError('PLAN_FILE_INVALID', `${path} cannot be used as a plan: ${why}`, {
    context: { file: path },
  })
}
