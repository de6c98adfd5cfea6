import { readFile, writeFile } from 'node:fs/promises'
import { dirname, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fleetError } from '../errors.ts'
import { shownName } from './printable.ts'
import { didYouMean } from './suggest.ts'

/** What `kmc init` can write, in the order of its help. Each is a file of `examples/`. */
export const templates = {
  dr: 'disaster recovery: one cluster serves, the other holds the same records at the same offsets',
  'active-active': 'two clusters that are both written to, each with mirrors of the other',
  geo: 'three regions that keep their data and share some topics',
  domains: 'a cluster for each domain, which exports some topics to the others',
  'leave-zookeeper': 'fill a new cluster beside an old one, then move to it',
} as const

export type TemplateName = keyof typeof templates

/** The template of a name that somebody typed. @throws TEMPLATE_UNKNOWN */
export function templateNamed(name: string): TemplateName {
  if (Object.hasOwn(templates, name)) return name as TemplateName
  const near = didYouMean(name, Object.keys(templates))
  throw fleetError('TEMPLATE_UNKNOWN', `there is no template ${shownName(name)}${near}`)
}

const SCHEMA = fileURLToPath(new URL('../../../docs/reference/fleet.schema.json', import.meta.url))
const EXAMPLES = new URL('../../../examples/', import.meta.url)

/** The text for a fleet file at `path`: its first line leads an editor to the schema of this installation. */
async function templateText(name: TemplateName, path: string): Promise<string> {
  const text = await readFile(new URL(`${name}.yaml`, EXAMPLES), 'utf8')
  const schema = relative(dirname(resolve(path)), SCHEMA).replaceAll('\\', '/')
  return text.replace(/^# yaml-language-server: .*$/m, () => `# yaml-language-server: $schema=${schema}`)
}

/** Writes a first fleet file. @throws FLEET_FILE_EXISTS */
export async function writeTemplate(name: TemplateName, path: string): Promise<void> {
  try {
    await writeFile(path, await templateText(name, path), { flag: 'wx' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    throw fleetError('FLEET_FILE_EXISTS', `${path} is there already`, { context: { file: path } })
  }
}
