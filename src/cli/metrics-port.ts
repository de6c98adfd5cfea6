import type { Command } from 'commander'
import { PORT_MAX } from '../fleet/file/word-schemas.ts'
import { parseCount } from './terminal/units.ts'

/** The option of commands that run links for choosing where metrics are served. */
export function metricsPortOption(command: Command): Command {
  return command.option(
    '--metrics-port <port>',
    'serve metrics openly at this port instead of the one of the fleet file; 0 for none',
  )
}

/** The port that was written; undefined where none was. */
export function metricsPortOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseCount(text, '--metrics-port', { min: 0, max: PORT_MAX })
}
