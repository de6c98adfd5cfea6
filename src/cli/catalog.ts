import type { CommandDefinition } from './command.ts'

/** A command as `kmc --help` shows it. Its file is loaded only when it is called, so that kmc starts fast. */
export type CatalogEntry = {
  /** The words that call it: `topic list`. */
  readonly path: string
  readonly summary: string
  readonly section: Section
  readonly load: () => Promise<CommandDefinition>
}

export const sections = ['Start', 'Fleet', 'Look', 'Data', 'Help'] as const
export type Section = (typeof sections)[number]

/** Words that only lead to further words. */
export const groups: Readonly<Record<string, { readonly summary: string; readonly section: Section }>> = {
  cluster: { summary: 'The clusters of the fleet', section: 'Look' },
  topic: { summary: 'Topics: list, describe, create, delete', section: 'Data' },
  group: { summary: 'Consumer groups: list, describe', section: 'Data' },
}

/** Every command, in the order of --help. */
export const catalog: readonly CatalogEntry[] = [
  {
    path: 'up',
    summary: 'Start what the fleet file declares and keep it running',
    section: 'Fleet',
    load: async () => (await import('./commands/up.ts')).up,
  },
  {
    path: 'down',
    summary: 'Stop what runs here; data stay',
    section: 'Fleet',
    load: async () => (await import('./commands/down.ts')).down,
  },
  {
    path: 'test',
    summary: 'Run the tests of kmc itself',
    section: 'Help',
    load: async () => (await import('./commands/test.ts')).test,
  },
]
