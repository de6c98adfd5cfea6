import type { Command } from 'commander'
import type { Plan } from '../fleet/plan/plan.ts'
import { type LineKind, renderPlan } from '../fleet/plan/render.ts'
import type { Palette } from './terminal/color.ts'
import { printable } from './terminal/text-width.ts'

/** A plan as lines for a terminal. */
export function planLines(plan: Plan, palette: Palette): string[] {
  const paints: Record<LineKind, (text: string) => string> = {
    head: palette.bold,
    add: palette.good,
    change: palette.warn,
    remove: palette.bad,
    warning: palette.warn,
    refusal: palette.bad,
    detail: palette.dim,
  }
  return renderPlan(plan).map(({ kind, text }) => paints[kind](printable(text)))
}

/** `--resume LINK/TOPIC`, for `plan` and `apply`. */
export function resumeOption(command: Command): Command {
  const collect = (value: string, before: readonly string[]) => [...before, value]
  return command.option(
    '--resume <link/topic>',
    'go on with a mirror that is there already, where the plan offers it; may be repeated',
    collect,
    [],
  )
}
