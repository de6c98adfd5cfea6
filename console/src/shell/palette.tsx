import { useState } from 'react'
import { useLocation } from 'wouter'
import { useFleet } from '../api/fleet.ts'
import { type Found, useSearch } from '../api/search.ts'
import { Dialog } from '../parts/dialog.tsx'
import { paths } from './paths.ts'
import { matching, type Thing, thingsOf } from './things.ts'

const SHOWN_MAX = 40

/** One search over everything with a name. */
export function Palette({ onClose }: { readonly onClose: () => void }) {
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const [, navigate] = useLocation()
  const found = useThings(text)
  const go = (thing: Thing | undefined) => {
    if (thing === undefined) return
    navigate(thing.to)
    onClose()
  }
  const move = (by: number) => setAt(Math.max(0, Math.min(found.length - 1, at + by)))
  return (
    <Dialog label="Find" className="palette" onClose={onClose}>
      <input
        type="text"
        role="combobox"
        aria-label="Find a cluster, topic, group, link or route"
        aria-expanded="true"
        aria-controls="found"
        aria-activedescendant={found.length > 0 ? `found-${at}` : undefined}
        placeholder="Find a cluster, topic, group, link or route"
        value={text}
        onChange={(event) => {
          setText(event.target.value)
          setAt(0)
        }}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown') move(1)
          else if (event.key === 'ArrowUp') move(-1)
          else if (event.key === 'Enter') go(found[at])
          else return
          event.preventDefault()
        }}
      />
      <Results found={found} at={at} onChoose={go} />
    </Dialog>
  )
}

type ResultsProps = {
  readonly found: readonly Thing[]
  readonly at: number
  readonly onChoose: (thing: Thing) => void
}

function Results({ found, at, onChoose }: ResultsProps) {
  if (found.length === 0) return <div className="empty">Nothing has such a name</div>
  return (
    <div id="found" role="listbox" aria-label="Found">
      {found.map((thing, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the keys of a combobox are its input's
        // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the input
        <div
          key={`${thing.kind} ${thing.to}`}
          id={`found-${index}`}
          role="option"
          aria-selected={index === at}
          ref={(element) => {
            if (index === at) element?.scrollIntoView({ block: 'nearest' })
          }}
          onClick={() => onChoose(thing)}
        >
          <span>{thing.name}</span>
          <span className="soft small">{thing.where}</span>
          <span className="kind">{thing.kind}</span>
        </div>
      ))}
    </div>
  )
}

/** What is loaded is there at once; what only the server knows is added when it has answered. */
function useThings(text: string): Thing[] {
  const { data } = useFleet()
  const { data: more } = useSearch(text)
  const here = matching(data === undefined ? [] : thingsOf(data), text, SHOWN_MAX)
  const known = new Set(here.map(({ to }) => to))
  const there = (more?.results ?? []).map(thingOf).filter((thing) => thing !== null && !known.has(thing.to))
  return [...here, ...(there as Thing[])].slice(0, SHOWN_MAX)
}

function thingOf({ kind, name, cluster }: Found): Thing | null {
  if (kind === 'topic' && cluster !== null)
    return { kind, name, where: cluster, to: paths.topic(cluster, name) }
  if (kind === 'group' && cluster !== null)
    return { kind, name, where: cluster, to: paths.group(cluster, name) }
  return null
}
