import { createHash } from 'node:crypto'
import { z } from 'zod'
import { FAILOVER_PLAN_FORMAT, type FailoverPlan } from './plan.ts'

/** The outline: what stands inside is compared with a plan made now before anything is done. */
const outline = z.looseObject({
  format: z.literal(FAILOVER_PLAN_FORMAT),
  id: z.string(),
  route: z.string(),
  kind: z.enum(['switchover', 'failover']),
  from: z.string(),
  to: z.string(),
  accepted: z.array(z.string()),
  ground: z.looseObject({ routeEpoch: z.number(), mirrors: z.record(z.string(), z.string()) }),
  refusals: z.array(z.looseObject({ code: z.string(), subjects: z.array(z.string()) })),
  overridden: z.array(z.looseObject({ code: z.string(), subjects: z.array(z.string()) })),
})

/** SHA-256 of everything else in the plan, as it is written. */
export function failoverPlanId({
  id: _,
  ...content
}: Omit<FailoverPlan, 'id'> & { readonly id?: string }): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 16)
}

/** A plan as a file holds it: every name of it, in an order that its id rests on. */
export function failoverPlanText(plan: FailoverPlan): string {
  return `${JSON.stringify(plan, null, 2)}\n`
}

/** Reads a saved plan; a sentence that says why it is none. */
export function parseFailoverPlan(text: string): FailoverPlan | string {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return 'it is not JSON'
  }
  const read = outline.safeParse(json)
  if (!read.success) {
    const where = read.error.issues[0]?.path.join('.') ?? ''
    return where === '' ? 'it is no plan of a failover' : `${where} is not as this version of kmc writes it`
  }
  // Only what is well-formed and unchanged is taken for a plan of ours.
  const plan = json as FailoverPlan
  return failoverPlanId(plan) === plan.id ? plan : 'it was changed after it was made'
}
