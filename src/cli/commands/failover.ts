import { resolve } from 'node:path'
import { nowMs } from '../../client/clock.ts'
import { failoverError } from '../../failover/errors.ts'
import { checkPlan, type PlanDifference } from '../../failover/plan/check-plan.ts'
import type { PlanWish } from '../../failover/plan/facts.ts'
import { planInTime } from '../../failover/plan/in-time.ts'
import { planFailover } from '../../failover/plan/make-plan.ts'
import type { FailoverPlan } from '../../failover/plan/plan.ts'
import { acceptFlags } from '../../failover/plan/refusals.ts'
import type { Course } from '../../failover/run/course.ts'
import { memoSchema } from '../../failover/run/memo.ts'
import { courseFromHere, courseOf, unfinishedRun } from '../../failover/run/run-course.ts'
import { CATCH_UP_MS } from '../../failover/run/start.ts'
import type { FailoverRecord } from '../../failover/state/records.ts'
import type { FailoverTarget } from '../../fleet/run/failover-target.ts'
import type { CommandContext, CommandDefinition } from '../command.ts'
import { usageError } from '../errors.ts'
import { Exit, type ExitCode } from '../exit.ts'
import { readFailoverPlan, saveFailoverPlan } from '../failover/plan-file.ts'
import { showPlan } from '../failover/plan-view.ts'
import { targetOf, tellCourse } from '../failover/run-course.ts'
import { confirm } from '../terminal/confirm.ts'
import { printable } from '../terminal/text-width.ts'
import { parseDuration } from '../terminal/units.ts'

type FailoverOptions = {
  readonly dryRun?: true
  readonly yes?: true
  readonly save?: string
  readonly plan?: string
  readonly catchUpLimit?: string
} & Readonly<Partial<Record<string, unknown>>>

export const failover: CommandDefinition<FailoverOptions> = {
  description:
    'Moves a route to its other cluster. With --dry-run: shows what that would mean now and changes nothing: what would ' +
    'be lost, where groups go on, what is different on the other side, which applications need care, why it is ' +
    'refused, and the steps. A cluster that is gone costs four seconds. Exit code 3: refused, ' +
    'the saved plan is stale, or both sides differ afterwards.',
  examples: [
    ['kmc failover shop', 'moves it, after asking; goes on with what was begun'],
    ['kmc failover shop --dry-run', 'what it would mean now'],
    ['kmc failover shop --dry-run --save plan.json', 'keep the plan'],
    ['kmc failover shop --dry-run --plan plan.json', 'does the saved plan still hold? What changed?'],
    ['kmc failover shop --dry-run --force', 'what would be lost without waiting for the active cluster'],
  ],
  configure(command) {
    command
      .argument('<route>', 'a route of the fleet file')
      .option('--dry-run', 'show the plan, change nothing')
      .option('-y, --yes', 'do not ask')
      .option('--save <file>', 'keep the plan in a file')
      .option('--plan <file>', 'compare with a plan that was saved')
      .option(
        '--catch-up-limit <duration>',
        'how long a switchover lets a link that is behind come near before it holds writers (default: 10m)',
      )
    for (const [flag, what] of Object.entries(acceptFlags)) command.option(`--${flag}`, what)
  },
  async run(context, options, [name]) {
    const beganAt = nowMs()
    const saved = options.plan === undefined ? null : await readFailoverPlan(resolve(options.plan))
    if (saved !== null && saved.route !== name) {
      throw usageError(`${options.plan} is a plan for ${saved.route}, not for ${name}`)
    }
    const target = await targetOf(context, name!)
    const wish = wishOf(options, saved)
    const catchUpMs = catchUpOf(options)
    const isDry = options.dryRun === true
    // Both at once: clients may be waiting.
    const [unfinished, first] = await Promise.all([
      isDry ? null : unfinishedRun(target),
      planFailover(target, wish),
    ])
    if (unfinished !== null) {
      refuseIgnored(options, saved, unfinished)
      return await goOn(context, unfinished, target, { yes: options.yes === true, catchUpMs })
    }
    const silent = first.fromAnswers ? undefined : first.from
    const again = () => planFailover({ ...target, silent }, wish)
    const plan = isDry ? first : await inTime(context, first, again)
    if (options.save !== undefined) await saveFailoverPlan(resolve(options.save), plan)
    const changes = saved === null ? [] : checkPlan(saved, plan)
    if (changes.length > 0) {
      context.out.problem(stale(saved!, changes))
      return Exit.differences
    }
    if (isDry || plan.refusals.length > 0) return await tell(context, plan, options.save)
    await confirm(context, { warning: warningOf(plan), word: plan.route, yes: options.yes === true })
    // Who reads the plan and thinks keeps nobody waiting yet.
    const askedAt = options.yes === true ? beganAt : nowMs()
    return await done(
      context,
      plan,
      await tellCourse(context, courseOf(plan, target), target, { askedAt, catchUpMs }),
    )
  },
}

/** Waits for what goes away by itself. */
function inTime(
  { out, signal }: CommandContext,
  first: FailoverPlan,
  again: () => Promise<FailoverPlan>,
): Promise<FailoverPlan> {
  const onWait = (why: string) => out.note(`waiting, as it goes away by itself: ${printable(why)}`)
  return planInTime(first, again, { signal, onWait })
}

function warningOf({ kind, route, from, to, lost }: FailoverPlan): string {
  if (kind === 'switchover') return `This moves route ${route} from ${from} to ${to}; nothing is lost`
  const records = lost.records === null ? 'an unknown number of' : lost.records.toLocaleString('en-US')
  return `This moves route ${route} to ${to} without ${from}; ${records} records are lost as far as is known`
}

/** What was begun is gone on with as it was planned. @throws for options that would change that */
function refuseIgnored(
  options: FailoverOptions,
  saved: FailoverPlan | null,
  { route, kind, plan }: Course,
): void {
  const flags = Object.keys(acceptFlags).filter((flag) => options[camelCase(flag)] === true)
  const ignored = [
    ...flags.filter((flag) => flag !== 'force' || kind !== 'failover'),
    ...(options.save === undefined ? [] : ['save']),
    ...(saved === null || saved.id === plan ? [] : ['plan']),
  ]
  if (ignored.length === 0) return
  const what = `a ${kind} of ${route} was begun and is gone on with first, as it was planned`
  throw usageError(`${what}: leave out ${ignored.map((flag) => `--${flag}`).join(', ')}`)
}

/** What somebody began is brought to its end before anything else. */
async function goOn(
  context: CommandContext,
  begun: Course,
  target: FailoverTarget,
  { yes, catchUpMs }: { readonly yes: boolean; readonly catchUpMs: number },
): Promise<ExitCode> {
  const { route, from, to } = begun
  const course = await courseFromHere(begun, target)
  if (course.kind !== begun.kind) {
    const what = `${from} has gone away while route ${route} was moved`
    const warning = `${what}. This goes on to ${to} without it; what has not arrived is lost`
    await confirm(context, { warning, word: route, yes })
  }
  context.out.note(`going on with the ${course.kind} of route ${route} to ${to}`)
  return await done(
    context,
    course,
    await tellCourse(context, course, target, { askedAt: nowMs(), catchUpMs }),
  )
}

async function done(
  { out }: CommandContext,
  { route, to }: Pick<Course, 'route' | 'to'>,
  run: FailoverRecord,
): Promise<ExitCode> {
  await out.value(run, () => {
    out.line(`route ${route} leads to ${to}; its receipt: kmc receipts ${run.id.slice(0, 8)}`)
  })
  const { verified } = memoSchema.parse(run.memo ?? {})
  if (verified?.equal !== false) return Exit.ok
  out.problem(failoverError('FAILOVER_DIFFERS', `route ${route}: ${verified.text}`))
  return Exit.differences
}

function catchUpOf({ catchUpLimit }: FailoverOptions): number {
  return catchUpLimit === undefined ? CATCH_UP_MS : parseDuration(catchUpLimit, '--catch-up-limit')
}

/** What a saved plan accepts it accepts still. */
function wishOf(options: FailoverOptions, saved: FailoverPlan | null): PlanWish {
  const flags = Object.keys(acceptFlags).filter((flag) => options[camelCase(flag)] === true)
  const accepted = new Set([...flags, ...(saved?.accepted ?? [])])
  return { kind: accepted.has('force') ? 'failover' : undefined, accepted }
}

/** As commander names an option. */
function camelCase(flag: string): string {
  return flag.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
}

async function tell(
  { out }: CommandContext,
  plan: FailoverPlan,
  file: string | undefined,
): Promise<ExitCode> {
  await out.value(plan, () => showPlan(plan, out))
  if (file !== undefined) out.note(`saved: ${file}`)
  return plan.refusals.length === 0 ? Exit.ok : Exit.differences
}

function stale(saved: FailoverPlan, changes: readonly PlanDifference[]) {
  const lines = changes.map(
    ({ what, was, is }) => `  ${what}: was ${was ?? 'not there'}, is ${is ?? 'not there'}`,
  )
  const text = `plan ${saved.id} no longer says what would happen\n${lines.join('\n')}`
  return failoverError('FAILOVER_PLAN_STALE', text, { context: { plan: saved.id, changes } })
}
