import { join } from 'node:path'
import { root } from '../../run/suites.ts'
import { paths } from '../project.ts'

export type ErrorEntry = { readonly title: string; readonly remedy: string; readonly retriable?: boolean }

/** The errors of one room by their code. */
export type ErrorTable = { readonly room: string; readonly errors: Readonly<Record<string, ErrorEntry>> }

/** Every table `…Errors` of every room's errors.ts, rooms in the order of their names. */
export async function errorTables(): Promise<ErrorTable[]> {
  const tables: ErrorTable[] = []
  for (const path of paths.filter((name) => /^src\/.+\/errors\.ts$/.test(name))) {
    const module = (await import(join(root, path))) as Readonly<Record<string, unknown>>
    for (const [name, value] of Object.entries(module)) {
      if (name.endsWith('Errors') && isTable(value)) tables.push({ room: path.split('/')[1]!, errors: value })
    }
  }
  return tables
}

function isTable(value: unknown): value is Readonly<Record<string, ErrorEntry>> {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every(
      (entry) => typeof entry?.title === 'string' && typeof entry?.remedy === 'string',
    )
  )
}
