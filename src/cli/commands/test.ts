import type { CommandDefinition } from '../command.ts'
import { Exit } from '../exit.ts'

export const test: CommandDefinition = {
  description: 'Runs the tests of kmc itself.',
  examples: [['kmc test', 'everything; at most 15 minutes on 2 cores']],
  async run(context) {
    context.out.line('not yet')
    return Exit.failed
  },
}
