import { linkAtHand } from '../../fleet/apply/link-at-hand.ts'
import { verbWarnings } from '../../link/intents/preview.ts'
import type { Verb } from '../../link/mirrors/life.ts'
import type { CommandDefinition } from '../command.ts'
import { usageError } from '../errors.ts'
import { askAndTell, mirrorsMeant } from '../mirrors.ts'
import { confirm } from '../terminal/confirm.ts'

type VerbOptions = { readonly all?: true; readonly yes?: true; readonly timeout: string }

type Words = Pick<CommandDefinition, 'description' | 'examples'> & {
  /** Seconds. */
  readonly timeout: number
}

export const mirrorPause = verbCommand('pause', {
  description:
    'Stops copying mirrors, with everything in them as it is, until they are resumed. The rest of the link goes on.',
  examples: [
    ['kmc mirror pause dr orders', 'until kmc mirror resume dr orders'],
    ['kmc mirror pause dr --all', 'every mirror of the link'],
  ],
  timeout: 60,
})

export const mirrorResume = verbCommand('resume', {
  description:
    'Lets paused mirrors go on at the exact offset at which they stopped, or calls a promotion back.',
  examples: [['kmc mirror resume dr orders', 'go on']],
  timeout: 60,
})

export const mirrorPromote = verbCommand('promote', {
  description:
    'Makes mirrors topics of their own without losing anything: waits until both sides end alike, no transaction is ' +
    'open, nothing more is written at the source and the positions of groups are carried over; then stops copying for ' +
    "good and gives the topic the source's own settings. Stop the writers at the source first.",
  examples: [
    ['kmc mirror promote dr orders', 'waits, and shows for what'],
    [
      'kmc mirror promote dr --all --yes --timeout 600',
      'everything, without asking, for ten minutes at most',
    ],
  ],
  timeout: 300,
})

export const mirrorFailover = verbCommand('failover', {
  description:
    'Makes mirrors topics of their own at once, at what has arrived, without asking the source, and says how much of it ' +
    'is missing as last seen. It needs no worker: where none answers within 15 seconds it is done from here.',
  examples: [
    ['kmc mirror failover dr orders', 'asks first'],
    ['kmc mirror failover dr --all --yes', 'everything, now'],
  ],
  timeout: 120,
})

function verbCommand(verb: Verb, words: Words): CommandDefinition<VerbOptions> {
  const { description, examples, timeout } = words
  const warning = verbWarnings[verb]
  return {
    description,
    examples,
    stopMs: 1_000,
    configure: (command) => {
      command
        .argument('<link>', 'a link of the fleet file')
        .argument('[topics...]', 'names of the topics, on the destination or on the source')
        .option('--all', 'every mirror of the link')
        .option('--timeout <seconds>', 'how long to wait', String(timeout))
      if (warning !== null) command.option('-y, --yes', 'do not ask')
    },
    async run(context, options, [name, ...topics]) {
      const link = await linkAtHand(context.fleetPath, name!)
      const meant = mirrorsMeant(link, topics, options.all === true)
      if (warning !== null) {
        const what = meant.length === 1 ? meant[0]!.mirror : `${meant.length} mirrors of link ${link.name}`
        const text = `This will ${verb} ${what}. ${warning}`
        const word = meant.length === 1 ? meant[0]!.mirror : link.name
        await confirm(context, { warning: text, word, yes: options.yes === true })
      }
      const wishes = meant.map(({ topic }) => ({ topic, wish: { verb } }))
      return await askAndTell(context, link, wishes, secondsOf(options.timeout) * 1_000)
    },
  }
}

export function secondsOf(text: string): number {
  const seconds = Number(text)
  if (Number.isFinite(seconds) && seconds > 0 && seconds <= 86_400 * 7) return seconds
  throw usageError(`--timeout takes seconds, not "${text}"`)
}
