import { type LinkAtHand, linkAtHand } from '../../fleet/apply/link-at-hand.ts'
import { linkError } from '../../link/errors.ts'
import { isReleased } from '../../link/mirrors/life.ts'
import type { CommandDefinition } from '../command.ts'
import { usageError } from '../errors.ts'
import { mirrorsMeant } from '../mirrors.ts'
import { printable } from '../terminal/text-width.ts'
import { turnRound } from './link-reverse.ts'

type ReverseOptions = { readonly all?: true; readonly yes?: true; readonly timeout: string }

/** Mirrors are named in a refusal up to this many. */
const NAMED_MAX = 5

export const mirrorReverse: CommandDefinition<ReverseOptions> = {
  description:
    'Lets mirrors go on as the source of their topics, which become the mirrors. A link runs one way, so this takes all of ' +
    'its mirrors, or is refused with what to do for the one that you mean; it is the same as kmc link reverse then.',
  examples: [
    ['kmc mirror reverse dr --all', 'every mirror of the link: asks first'],
    ['kmc mirror reverse dr orders', 'where the link keeps this mirror alone'],
  ],
  configure: (command) =>
    command
      .argument('<link>', 'a link of the fleet file')
      .argument('[topics...]', 'names of the topics, on the destination or on the source')
      .option('--all', 'every mirror of the link')
      .option('--timeout <seconds>', 'how long to wait for both sides to be equal', '300')
      .option('-y, --yes', 'do not ask'),
  async run(context, { all, yes, timeout }, [name, ...topics]) {
    if (all !== true) {
      const link = await linkAtHand(context.fleetPath, name!)
      refuseSome(link, new Set(mirrorsMeant(link, topics, false).map(({ topic }) => topic)))
    } else if (topics.length > 0) throw usageError('--all takes no names of topics')
    return await turnRound(context, name!, { yes: yes === true, timeout })
  },
}

/** @throws MIRROR_NOT_REVERSED where other mirrors of the link would turn as well */
function refuseSome({ name, memory }: LinkAtHand, meant: ReadonlySet<string>): void {
  const others = memory.mirrors.filter(({ topic, state }) => !isReleased(state) && !meant.has(topic))
  if (others.length === 0) return
  const some = others.slice(0, NAMED_MAX).map(({ mirror }) => printable(mirror))
  const more = others.length > some.length ? ` and ${others.length - some.length} more` : ''
  const text = `link ${name} runs one way and keeps ${some.join(', ')}${more} as well`
  throw linkError('MIRROR_NOT_REVERSED', text, { context: { link: name } })
}
