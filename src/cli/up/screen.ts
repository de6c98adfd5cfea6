import { fleetNews } from '../../fleet/run/fleet-news.ts'
import type { FleetStatus } from '../../fleet/run/fleet-status.ts'
import type { Output } from '../output.ts'
import { signInWords } from '../sign-in-words.ts'
import { rowsThatFit, statusLines } from '../status-view.ts'
import { LiveArea } from '../terminal/progress.ts'
import { printable } from '../terminal/text-width.ts'
import { engineLine, planNotes, stepLine } from './start-lines.ts'
import type { Watcher } from './supervise.ts'

/**
 * `kmc up` in the foreground: a terminal shows the tables of `kmc status`, redrawn; a pipe gets a line for everything
 * that happens.
 */
export function foregroundScreen(out: Output): Watcher {
  const live = new LiveArea(out.stdout)
  const { palette } = out
  let last: FleetStatus | null = null
  const said = new Set<string>()
  let isStopping = false
  const say = (text: string) => (out.isInteractive ? live.print(text) : out.line(text))
  // What is drawn again and again must know of every line on the screen: notes go through it there.
  const note = (text: string) => (out.isInteractive ? live.print(text) : out.note(text))
  return {
    engine: (progress) => {
      const line = engineLine(progress)
      if (out.isInteractive) live.draw([palette.dim(`${line} …`)])
      else if (!said.has(progress.text)) out.note(`${progress.text} …`)
      said.add(progress.text)
    },
    opened: (front) => note(signInWords(front)),
    step: (step) => {
      const line = stepLine(step)
      if (line !== null) say(line)
    },
    planned: (plan) => {
      for (const text of planNotes(plan)) note(palette.warn(text))
    },
    status: (status) => {
      if (isStopping) return
      if (out.isInteractive) {
        const rowsMax = rowsThatFit(status, process.stdout.rows)
        const hint = palette.dim(
          'Ctrl-C stops the clusters and links; their data stay. From elsewhere: kmc down',
        )
        live.draw([...statusLines(status, out, { rowsMax }), '', hint])
      } else {
        tellNews(out, last, status)
      }
      last = status
    },
    settled: (status) => {
      if (out.format !== 'table') void out.value(status, () => undefined)
    },
    stopping: () => {
      isStopping = true
      live.clear()
      out.note('stopping …')
    },
  }
}

function tellNews(out: Output, last: FleetStatus | null, status: FleetStatus): void {
  if (out.format !== 'table') return
  const { good, bad } = out.palette
  for (const { kind, text } of fleetNews(last, status)) {
    const shown = printable(text)
    out.line(kind === 'good' ? good(shown) : kind === 'bad' ? bad(shown) : shown)
  }
}

/** `kmc up` in the background: what it does goes to the command that waits for it. */
export function backgroundScreen(tell: (text: string) => void, settled: () => void): Watcher {
  let last: FleetStatus | null = null
  return {
    engine: (progress) => {
      // Brokers that are up are told of by their cluster's state.
      if (progress.step !== 'start' || progress.done === 0)
        tell(progress.step === 'start' ? progress.text : engineLine(progress))
    },
    // The command that waits prints a link of its own: what is told here is kept in a file.
    opened: () => undefined,
    step: (step) => {
      const line = stepLine(step)
      if (line !== null) tell(line)
    },
    planned: (plan) => {
      for (const note of planNotes(plan)) tell(note)
    },
    status: (status) => {
      for (const { text } of fleetNews(last, status)) tell(text)
      last = status
    },
    settled,
    stopping: () => undefined,
  }
}
