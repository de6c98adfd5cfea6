import { useMemo, useState } from 'react'
import type { ShownField } from '../../../src/observe/records/shown.ts'
import { bytes } from '../parts/format.ts'
import { JsonTree } from './json-tree.tsx'
import { bytesOf, hexLines, visible } from './text.ts'

const HEX_BYTES_MAX = 16 * 1_024
const views = ['tree', 'text', 'hex'] as const

type View = (typeof views)[number]

/** A key or a value: as a tree where it is JSON, as text, or byte by byte. */
export function FieldView({ name, field }: { readonly name: string; readonly field: ShownField }) {
  const json = useMemo(() => parsed(field), [field])
  const possible = views.filter((view) => isPossible(view, field, json !== undefined))
  const [chosen, setChosen] = useState<View | null>(null)
  const view = chosen !== null && possible.includes(chosen) ? chosen : possible[0]
  if (field.type === 'null') {
    return (
      <div>
        <h3>{name}</h3>
        <p className="soft">null</p>
      </div>
    )
  }
  return (
    <div>
      <div className="tools">
        <h3>{name}</h3>
        <span className="soft small">
          {bytes(field.sizeBytes)}
          {field.isCut && ', the beginning of it'}
        </span>
        {possible.map((one) => (
          <button
            key={one}
            type="button"
            className="chip"
            aria-pressed={one === view}
            onClick={() => setChosen(one)}
          >
            {one}
          </button>
        ))}
      </div>
      <div className="field-view">
        {view === 'tree' && <JsonTree value={json as never} />}
        {view === 'text' && field.type !== 'binary' && <pre>{visible(field.text)}</pre>}
        {view === 'hex' && <pre>{hexLines(rawOf(field), HEX_BYTES_MAX).join('\n')}</pre>}
      </div>
    </div>
  )
}

function isPossible(view: View, field: ShownField, isJson: boolean): boolean {
  if (field.type === 'null') return false
  if (view === 'tree') return isJson
  return view === 'hex' || field.type !== 'binary'
}

function rawOf(field: Exclude<ShownField, { type: 'null' }>): Uint8Array {
  return field.type === 'binary' ? bytesOf(field.base64) : new TextEncoder().encode(field.text)
}

/** undefined where it is no JSON, or only its beginning is here. */
function parsed(field: ShownField): unknown {
  if (field.type !== 'json' || field.isCut) return undefined
  try {
    return JSON.parse(field.text)
  } catch {
    return undefined
  }
}
