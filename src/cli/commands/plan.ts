import { resolve } from 'node:path'
import { observeFleet } from '../../fleet/apply/observe.ts'
import { openFleet } from '../../fleet/apply/open-fleet.ts'
import { makePlan } from '../../fleet/plan/make-plan.ts'
import { planExitCode } from '../../fleet/plan/plan.ts'
import { savePlan } from '../../fleet/plan/saved-plan.ts'
import { supervisorStatus } from '../../server/fleet-status.ts'
import type { CommandDefinition } from '../command.ts'
import { planLines, resumeOption } from '../plan-view.ts'
import { notePreflight } from '../preflight-notes.ts'

type PlanOptions = { readonly out?: string; readonly resume: readonly string[] }

export const plan: CommandDefinition<PlanOptions> = {
  description:
    'Shows what kmc apply would do: the difference between the fleet file and what is found, on this machine and on the ' +
    'clusters. Writes nothing anywhere, except the file named by --out. Exit code 0: nothing to do, 3: there are ' +
    'changes, 1: the plan cannot be applied as it is.',
  examples: [
    ['kmc plan', 'what would change'],
    ['kmc plan --out plan.json', 'keep it: kmc apply plan.json then does exactly this'],
    ['kmc plan --resume dr/orders', 'go on with a mirror that a deleted link left, where that is offered'],
  ],
  configure: (command) =>
    resumeOption(command.option('--out <file>', 'save the plan; apply runs exactly what it says')),
  async run({ out, fleetPath, signal }, options) {
    const loaded = await openFleet(fleetPath)
    const observed = await observeFleet(loaded, await supervisorStatus(loaded.directory), signal)
    const made = makePlan(loaded.fleet, observed, { resume: options.resume })
    if (options.out !== undefined) await savePlan(resolve(options.out), made)
    await out.value(made, () => {
      for (const line of planLines(made, out.palette)) out.line(line)
      if (options.out !== undefined) out.note(`saved: kmc apply ${options.out} does exactly this`)
    })
    await notePreflight(loaded, made, out, signal)
    return planExitCode(made)
  },
}
