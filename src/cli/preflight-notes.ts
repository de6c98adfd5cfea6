import { KmcError, messageOf } from '../base/error.ts'
import { preflightLinks } from '../fleet/apply/preflight-links.ts'
import type { LoadedFleet } from '../fleet/file/fleet.ts'
import type { Plan } from '../fleet/plan/plan.ts'
import type { Output } from './output.ts'
import { printable } from './terminal/text-width.ts'

const LOOK_MS = 15_000

/** Before a link is made: what `kmc link check` would find wrong with it now, for people only; never a failure. */
export async function notePreflight(
  loaded: LoadedFleet,
  { actions }: Plan,
  out: Output,
  signal: AbortSignal,
): Promise<void> {
  if (out.format !== 'table') return
  const made = actions.flatMap((action) => (action.action === 'create-link' ? [action.declaration] : []))
  for (const link of made) {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(LOOK_MS)])
    try {
      const [report] = await preflightLinks(loaded, [link], { signal: limited })
      // A cluster that does not run yet is what the plan itself is about.
      const wrong = report!.findings.filter(
        ({ severity, code }) => severity === 'error' && code !== 'CLUSTER_OUT_OF_REACH',
      )
      for (const { side, what } of wrong) {
        out.note(`${out.palette.warn('!')} link ${link.name}, ${side}: ${printable(what)}`)
      }
      if (wrong.length > 0) out.note(`  → \`kmc link check ${link.name}\` says what to do`)
    } catch (error) {
      if (!(error instanceof KmcError) || signal.aborted) throw error
      out.note(`! link ${link.name} could not be looked at: ${printable(messageOf(error))}`)
    }
  }
}
