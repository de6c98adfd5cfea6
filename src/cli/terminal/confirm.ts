import { createInterface } from 'node:readline/promises'
import type { CommandContext } from '../command.ts'
import { cliError } from '../errors.ts'

/**
 * Lets something that cannot be undone pass only when the operator typed `word`, or gave --yes. Where nobody can be
 * asked (no terminal), --yes is the only way. @throws NOT_CONFIRMED
 */
export async function confirm(
  context: CommandContext,
  question: { readonly warning: string; readonly word: string; readonly yes: boolean },
): Promise<void> {
  const { warning, word, yes } = question
  if (yes) return
  const { stdin, out, signal } = context
  if (!stdin.isTTY || !out.isInteractive) {
    throw cliError('NOT_CONFIRMED', `${warning}; nothing was done`, {
      remedy: 'Pass --yes if that is intended.',
    })
  }
  const prompt = createInterface({ input: stdin, output: out.stderr })
  try {
    const answer = await prompt.question(`${warning}.\nType ${word} to go on: `, { signal })
    if (answer.trim() !== word) throw cliError('NOT_CONFIRMED', `"${word}" was not typed; nothing was done`)
  } finally {
    prompt.close()
  }
}
