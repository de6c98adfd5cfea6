import { resolve } from 'node:path'
import { type ApplyStep, applyPlan, needsSupervisor } from '../../fleet/apply/apply-plan.ts'
import { accessTo } from '../../fleet/apply/bring-up.ts'
import { observeFleet } from '../../fleet/apply/observe.ts'
import { openFleet } from '../../fleet/apply/open-fleet.ts'
import { fleetError } from '../../fleet/errors.ts'
import { writeApplied } from '../../fleet/file/applied.ts'
import type { LoadedFleet } from '../../fleet/file/fleet.ts'
import { makePlan } from '../../fleet/plan/make-plan.ts'
import type { ObservedFleet } from '../../fleet/plan/observed.ts'
import type { Plan } from '../../fleet/plan/plan.ts'
import { readPlan, requireApplicable, requireNotRefused } from '../../fleet/plan/saved-plan.ts'
import { askFor } from '../../server/control-client.ts'
import { findSupervisor } from '../../server/find-supervisor.ts'
import { supervisorStatus } from '../../server/fleet-status.ts'
import type { CommandContext, CommandDefinition } from '../command.ts'
import { usageError } from '../errors.ts'
import { Exit, type ExitCode } from '../exit.ts'
import { planLines, resumeOption } from '../plan-view.ts'
import { notePreflight } from '../preflight-notes.ts'
import { printable } from '../terminal/text-width.ts'
import { runDetached } from '../up/detached.ts'

type ApplyOptions = { readonly resume: readonly string[]; readonly detach?: true }

export const apply: CommandDefinition<ApplyOptions> = {
  description:
    'Makes what is found equal to the fleet file. With a saved plan it does exactly that plan, or nothing when what the ' +
    'plan rests on has changed. May be repeated at any time. Clusters and links need a supervisor to run them: the one ' +
    'that kmc up started is told; where none runs, --detach starts one.',
  examples: [
    ['kmc apply', 'plan and apply in one go'],
    ['kmc apply plan.json', 'exactly what kmc plan --out plan.json showed'],
    ['kmc apply --detach', 'start a supervisor in the background when none runs'],
  ],
  configure: (command) =>
    resumeOption(
      command
        .argument('[plan]', 'a plan saved with kmc plan --out')
        .option('-d, --detach', 'start a supervisor in the background when none runs'),
    ),
  async run(context, options, [file]) {
    if (file !== undefined && options.resume.length > 0) {
      throw usageError('--resume is part of a saved plan', 'Give it to kmc plan --out FILE.')
    }
    const loaded = await openFleet(context.fleetPath)
    const observe = async () => observeFleet(loaded, await supervisorStatus(loaded.directory), context.signal)
    const observed = await observe()
    const plan = await chosenPlan(loaded, observed, options, file)
    if (plan.actions.length === 0) return await say(context, plan, [])
    await notePreflight(loaded, plan, context.out, context.signal)
    if (needsSupervisor(plan) && findSupervisor(loaded.directory) === null) {
      if (!options.detach) throw notRunning(plan)
      for (const line of planLines(plan, context.out.palette)) context.out.note(line)
      return await runDetached(context, { resume: plan.resume })
    }
    const steps: ApplyStep[] = []
    await applyPlan(plan, observed, {
      loaded,
      observe,
      access: (name) => accessTo(loaded, name),
      admit: requireNotRefused,
      report: (step) => {
        if (step.state !== 'begun') steps.push(step)
        tell(context, step)
      },
      run: async (applied) => {
        await writeApplied(loaded.directory, applied)
        const supervisor = findSupervisor(loaded.directory)
        if (supervisor !== null) await askFor(supervisor, { kind: 'reconcile' })
      },
    })
    return await say(context, plan, steps)
  },
}

async function chosenPlan(
  loaded: LoadedFleet,
  observed: ObservedFleet,
  { resume }: ApplyOptions,
  file: string | undefined,
): Promise<Plan> {
  if (file === undefined) {
    const plan = makePlan(loaded.fleet, observed, { resume })
    requireNotRefused(plan)
    return plan
  }
  const plan = await readPlan(resolve(file))
  requireApplicable(plan, loaded.fleet, observed)
  return plan
}

function notRunning(plan: Plan) {
  const first = plan.actions.find((action) => needsSupervisor({ ...plan, actions: [action] }))!
  const message = `the plan needs a supervisor (${first.action} ${first.subject}), and none runs here`
  return fleetError('FLEET_NOT_RUNNING', message, {
    remedy: '`kmc up` applies the same and keeps it running; `kmc apply --detach` does so in the background.',
  })
}

function tell({ out }: CommandContext, { action, state, why }: ApplyStep): void {
  const text = printable(`${action.action} ${action.subject}`)
  if (state === 'begun') out.note(out.palette.dim(`${text} …`))
  else if (state === 'left') out.note(out.palette.warn(`${text}: left undone, ${why}`))
  else out.note(`${out.palette.good('✓')} ${text}`)
}

async function say({ out }: CommandContext, plan: Plan, steps: readonly ApplyStep[]): Promise<ExitCode> {
  const done = steps.map(({ action, state, why }) => ({
    action: action.action,
    subject: action.subject,
    state,
    why: why ?? null,
  }))
  await out.value({ plan: plan.id, fleet: plan.fleet, steps: done }, () => {
    if (plan.actions.length === 0) out.line(`Fleet ${plan.fleet}: nothing to do, everything is as declared`)
    else out.line(`Fleet ${plan.fleet}: applied`)
  })
  return steps.some(({ state }) => state === 'left') ? Exit.failed : Exit.ok
}
