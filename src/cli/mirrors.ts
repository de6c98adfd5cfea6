import { type LinkAtHand, mirrorNamed, mirrorsLeft } from '../fleet/apply/link-at-hand.ts'
import { linkError } from '../link/errors.ts'
import { type Asked, type AskOptions, askOfMirrors } from '../link/intents/request.ts'
import type { Wish } from '../link/state/intents.ts'
import type { MirrorRecord } from '../link/state/records.ts'
import type { CommandContext } from './command.ts'
import { usageError } from './errors.ts'
import { Exit, type ExitCode } from './exit.ts'
import { LiveArea } from './terminal/progress.ts'
import { printable } from './terminal/text-width.ts'

/** The mirrors that a command names, or all that are mirrors still. */
export function mirrorsMeant(link: LinkAtHand, names: readonly string[], all: boolean): MirrorRecord[] {
  if (all && names.length > 0) throw usageError('--all takes no names of topics')
  if (!all && names.length === 0) throw usageError('name the topics, or pass --all')
  return all ? mirrorsLeft(link) : names.map((name) => mirrorNamed(link, name))
}

/** Asks, shows what is awaited, and says what came of it. */
export async function askAndTell(
  context: CommandContext,
  { name, access }: LinkAtHand,
  wishes: readonly { readonly topic: string; readonly wish: Wish }[],
  timeoutMs: number,
): Promise<ExitCode> {
  const { out, signal } = context
  const area = new LiveArea(out.stderr)
  let asked: readonly Asked[]
  try {
    const onProgress = promotionProgress(context, area)
    asked = await askOfMirrors(access, name, wishes, { timeoutMs, signal, onProgress } satisfies AskOptions)
  } finally {
    area.clear()
  }
  await out.value(asked, () => {
    for (const one of asked) out.line(resultText(one))
  })
  const open = asked.filter(({ outcome }) => outcome === 'working' || outcome === 'silent')
  if (open.some(({ outcome }) => outcome === 'working')) {
    out.note(`the worker goes on; call a promotion back with: kmc mirror resume ${name} TOPIC`)
  }
  const silent = open.filter(({ outcome }) => outcome === 'silent').map(({ mirror }) => mirror)
  if (silent.length > 0) {
    out.problem(
      linkError('MIRROR_NOT_ANSWERED', `no worker of link ${name} has answered for ${silent.join(', ')}`, {
        context: { link: name, mirrors: silent },
      }),
    )
  }
  return asked.every(({ outcome }) => outcome === 'done') ? Exit.ok : Exit.failed
}

function resultText({ mirror, outcome, text }: Asked): string {
  const words = { done: '', refused: 'refused: ', working: 'not done yet: ', silent: 'not answered yet: ' }
  const told = text.startsWith(`${mirror} `) ? text.slice(mirror.length + 1) : text
  return `${printable(mirror)}: ${words[outcome]}${printable(told)}`
}

/** Live lines on a terminal; on a pipe each change of what is awaited once. */
export function promotionProgress({ out }: CommandContext, area: LiveArea): AskOptions['onProgress'] {
  const told = new Map<string, string>()
  return (asked) => {
    const open = asked.filter(({ outcome }) => outcome === 'working' || outcome === 'silent')
    const lines = open.map(({ mirror, text }) => `${printable(mirror)}: ${printable(text)} …`)
    if (area.isLive) return area.draw(lines.slice(0, 10))
    for (const [index, { mirror }] of open.entries()) {
      if (told.get(mirror) === lines[index]) continue
      told.set(mirror, lines[index]!)
      out.note(lines[index]!)
    }
  }
}
