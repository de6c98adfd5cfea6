import type { Command } from 'commander'
import { PORT_MAX } from '../fleet/file/word-schemas.ts'
import { parseCount } from './terminal/units.ts'

/** Options of commands that run links for choosing where they can be watched, as they are written. */
export type PortOptions = { readonly metricsPort?: string; readonly consolePort?: string }

export function portOptions(command: Command): Command {
  return consolePortOption(command).option(
    '--metrics-port <port>',
    'serve metrics openly at this port instead of the one of the fleet file; 0 for none',
  )
}

export function consolePortOption(command: Command): Command {
  return command.option(
    '--console-port <port>',
    'open console and API at this port instead of the one of the fleet file; 0 for none',
  )
}

/** The ports that were written; undefined where none was. */
export function portsOf({ metricsPort, consolePort }: PortOptions) {
  return {
    metricsPort: portOf(metricsPort, '--metrics-port'),
    consolePort: portOf(consolePort, '--console-port'),
  }
}

function portOf(text: string | undefined, option: string): number | undefined {
  return text === undefined ? undefined : parseCount(text, option, { min: 0, max: PORT_MAX })
}
