import { relative } from 'node:path'
import { type TemplateName, templateNamed, templates, writeTemplate } from '../../fleet/file/templates.ts'
import type { CommandDefinition } from '../command.ts'
import { Exit } from '../exit.ts'

export const init: CommandDefinition = {
  description:
    'Writes a first fleet file, with every line explained. Nothing is started and no file is overwritten.\n\n' +
    Object.entries(templates)
      .map(([name, what]) => `  ${name.padEnd(16)} ${what}`)
      .join('\n'),
  examples: [
    ['kmc init dr', 'write fleet.yaml for disaster recovery'],
    ['kmc init geo -f eu.yaml', 'under another name'],
  ],
  configure: (command) => command.argument('[template]', `one of ${Object.keys(templates).join(', ')}`, 'dr'),
  async run({ out, fleetPath }, _options, [name = 'dr']) {
    const template: TemplateName = templateNamed(name)
    await writeTemplate(template, fleetPath)
    const shown = relative(process.cwd(), fleetPath) || fleetPath
    await out.value({ file: fleetPath, template }, () => {
      out.line(`${shown} written: ${templates[template]}`)
      out.line('next: kmc plan shows what it would do, kmc up does it')
    })
    return Exit.ok
  },
}
