import { accessTo } from '../../fleet/apply/bring-up.ts'
import { knownLink } from '../../fleet/apply/known-link.ts'
import { linkSpec } from '../../fleet/file/access.ts'
import { type Reversed, reverseLink } from '../../link/turn/reverse.ts'
import type { CommandContext, CommandDefinition } from '../command.ts'
import { Exit, type ExitCode } from '../exit.ts'
import { promotionProgress } from '../mirrors.ts'
import type { Output } from '../output.ts'
import { confirm } from '../terminal/confirm.ts'
import { LiveArea } from '../terminal/progress.ts'
import { printable } from '../terminal/text-width.ts'
import { secondsOf } from './mirror-verbs.ts'

export const linkReverse: CommandDefinition<{ readonly yes?: true; readonly timeout: string }> = {
  description:
    'Turns a link round: promotes its mirrors, so that nothing is missing on their side, and from then on copies what is ' +
    'written there back to the same offsets of the old source. Nothing is copied twice, and the old source is not made ' +
    'anew. Stop the writers at the source first, and start them at the destination afterwards; a route does both by ' +
    'itself. Records that exist only at the old source are named as STRANDED_RECORDS and never written over.',
  examples: [
    ['kmc link reverse dr', 'asks first; waits until both sides are equal'],
    ['kmc link reverse dr --yes --timeout 600', 'without asking, for ten minutes at most'],
  ],
  configure: (command) =>
    command
      .argument('<link>', 'a link of the fleet file')
      .option('--timeout <seconds>', 'how long to wait for both sides to be equal', '300')
      .option('-y, --yes', 'do not ask'),
  async run(context, { yes, timeout }, [name]) {
    return await turnRound(context, name!, { yes: yes === true, timeout })
  },
}

/** Turns a link round, after asking. */
export async function turnRound(
  context: CommandContext,
  name: string,
  { yes, timeout }: { readonly yes: boolean; readonly timeout: string },
): Promise<ExitCode> {
  const { loaded, link } = await knownLink(context.fleetPath, name)
  const timeoutMs = secondsOf(timeout) * 1_000
  const way = `This lets the link ${link.name} run from ${link.to} to ${link.from}`
  const warning = `${way}; what is written at ${link.from} afterwards is stranded there`
  await confirm(context, { warning, word: link.name, yes })
  const [source, destination] = await Promise.all([accessTo(loaded, link.from), accessTo(loaded, link.to)])
  const area = new LiveArea(context.out.stderr)
  const onProgress = promotionProgress(context, area)
  const { signal } = context
  const reversed = await reverseLink(linkSpec(link, source, destination), {
    ...{ timeoutMs, signal, onProgress },
  }).finally(() => area.clear())
  await context.out.value(reversed, () => print(reversed, context.out))
  return Exit.ok
}

function print({ link, from, to, topics }: Reversed, out: Output): void {
  out.line(`link ${link}: runs from ${from} to ${to} now; ${topics.length} topics go on at their own ends`)
  for (const { topic, stranded } of topics) {
    for (const { partition, from: first, to: end } of stranded) {
      out.line(`! ${printable(topic)}-${partition}: offsets ${first} to ${end - 1} exist on ${to} only`)
    }
  }
}
