import { useState } from 'react'
import { visible } from './text.ts'

type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }

const OPEN_TO_DEPTH = 3
const ITEMS_SHOWN = 100

/** JSON as a tree that folds. What it holds is only ever text. */
export function JsonTree({
  value,
  name,
  depth = 0,
}: {
  readonly value: Json
  readonly name?: string
  readonly depth?: number
}) {
  const [most, setMost] = useState(ITEMS_SHOWN)
  if (typeof value !== 'object' || value === null) {
    return (
      <div className="json-line">
        <Name name={name} />
        <span data-type={value === null ? 'null' : typeof value}>{leafText(value)}</span>
      </div>
    )
  }
  const entries = Object.entries(value)
  const isList = Array.isArray(value)
  return (
    <details className="json-node" open={depth < OPEN_TO_DEPTH}>
      <summary>
        <Name name={name} />
        <span className="soft">{isList ? `[${entries.length}]` : `{${entries.length}}`}</span>
      </summary>
      {entries.slice(0, most).map(([key, item]) => (
        <JsonTree key={key} name={key} value={item} depth={depth + 1} />
      ))}
      {entries.length > most && (
        <button type="button" className="button" onClick={() => setMost(most * 10)}>
          {entries.length - most} more
        </button>
      )}
    </details>
  )
}

function Name({ name }: { readonly name: string | undefined }) {
  return name === undefined ? null : <span className="json-name">{visible(name)}: </span>
}

function leafText(value: string | number | boolean | null): string {
  return typeof value === 'string' ? visible(JSON.stringify(value)) : String(value)
}
