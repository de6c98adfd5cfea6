import { styleText } from 'node:util'

/** The few colours of kmc by what they mean, so that every screen uses them the same way. */
export type Palette = {
  readonly good: (text: string) => string
  readonly bad: (text: string) => string
  readonly warn: (text: string) => string
  readonly dim: (text: string) => string
  readonly bold: (text: string) => string
}

type Style = Parameters<typeof styleText>[0]

function painter(style: Style, enabled: boolean): (text: string) => string {
  // The decision was made once for the whole program: styleText must not look at its own stream again.
  return enabled ? (text) => styleText(style, text, { validateStream: false }) : (text) => text
}

export function paletteFor(enabled: boolean): Palette {
  return {
    good: painter('green', enabled),
    bad: painter('red', enabled),
    warn: painter('yellow', enabled),
    dim: painter('dim', enabled),
    bold: painter('bold', enabled),
  }
}

/** https://no-color.org: any non-empty NO_COLOR wins; FORCE_COLOR colours a pipe; else a terminal gets colour. */
export function wantsColor(
  stream: { isTTY?: boolean },
  environment: Readonly<Record<string, string | undefined>>,
): boolean {
  if (environment.NO_COLOR) return false
  if (environment.FORCE_COLOR && environment.FORCE_COLOR !== '0') return true
  return stream.isTTY === true && environment.TERM !== 'dumb'
}

/** The colour of a state, of whatever it is one. */
export function paintState(state: string, palette: Palette): (text: string) => string {
  switch (state) {
    case 'ready':
    case 'active':
    case 'serving':
    case 'in-step':
    case 'promoted':
      return palette.good
    case 'failed':
    case 'faulted':
    case 'unreachable':
      return palette.bad
    case 'stopped':
      return palette.dim
    default:
      return palette.warn
  }
}
