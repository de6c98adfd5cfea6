import type { FailoverPlan, PlanGround } from './plan.ts'

/** One thing that is not as the saved plan has it. `null`: there was none, or is none. */
export type PlanDifference = {
  readonly what: string
  readonly was: string | null
  readonly is: string | null
}

/**
 * What has changed between a saved plan and one made now with the same flags; empty: the saved one still says what
 * will happen. Lag does not count, as it changes all the time; everything that decides what is done counts.
 */
export function checkPlan(saved: FailoverPlan, now: FailoverPlan): PlanDifference[] {
  const ofPlan = [
    difference('the route', saved.route, now.route),
    difference('what is done', saved.kind, now.kind),
    difference('the active cluster', saved.from, now.from),
    difference('the cluster that takes over', saved.to, now.to),
    difference('the link', saved.link, now.link),
    difference('flags', saved.accepted.join(' ') || null, now.accepted.join(' ') || null),
  ].flat()
  return [...ofPlan, ...ofGround(saved.ground, now.ground), ...ofRefusals(saved, now)]
}

function ofGround(saved: PlanGround, now: PlanGround): PlanDifference[] {
  return [
    ...difference('the epoch of the route (each change counts one)', saved.routeEpoch, now.routeEpoch),
    ...sameWhereKnown('the active cluster’s id', saved.fromClusterId, now.fromClusterId),
    ...sameWhereKnown('the other cluster’s id', saved.toClusterId, now.toClusterId),
    ...difference(
      'the generation of the link (its workers have changed)',
      saved.linkGeneration,
      now.linkGeneration,
    ),
    ...entries('mirror', saved.mirrors, now.mirrors),
    ...entries('gateway', saved.gateways, now.gateways),
  ]
}

/** A refusal that was not there is news; one that is gone is good news, and changes nothing of what is done. */
function ofRefusals(saved: FailoverPlan, now: FailoverPlan): PlanDifference[] {
  const known = new Set([...saved.refusals, ...saved.overridden].map(keyOf))
  const fresh = [...now.refusals, ...now.overridden].filter((refusal) => !known.has(keyOf(refusal)))
  return fresh.map(({ code, what }) => ({ what: `refused with ${code}`, was: null, is: what }))
}

function keyOf({ code, subjects }: FailoverPlan['refusals'][number]): string {
  return JSON.stringify([code, subjects])
}

type Value = string | number | null

function difference(what: string, was: Value, is: Value): PlanDifference[] {
  return was === is ? [] : [{ what, was: textOf(was), is: textOf(is) }]
}

/** A cluster that did not answer has no id: that it answers or not is told by what is done. */
function sameWhereKnown(what: string, was: Value, is: Value): PlanDifference[] {
  return was === null || is === null ? [] : difference(what, was, is)
}

function textOf(value: Value): string | null {
  return value === null ? null : String(value)
}

function entries(
  what: string,
  was: Readonly<Record<string, string>>,
  is: Readonly<Record<string, string>>,
): PlanDifference[] {
  const names = [...new Set([...Object.keys(was), ...Object.keys(is)])].sort()
  return names.flatMap((name) => difference(`${what} ${name}`, was[name] ?? null, is[name] ?? null))
}
