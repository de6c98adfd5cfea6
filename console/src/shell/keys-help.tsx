import { Fragment } from 'react'
import { Dialog } from '../parts/dialog.tsx'

const keys = [
  ['Ctrl K', 'Find a cluster, topic, group, link or route'],
  ['g m', 'Fleet map'],
  ['g a', 'Alerts'],
  ['g c', 'Clusters'],
  ['g l', 'Links'],
  ['g g', 'Groups'],
  ['g r', 'Routes and failover'],
  ['g t', 'Topics'],
  ['g e', 'Receipts'],
  ['g u', 'Audit'],
  ['t', 'Light, dark, or as the system'],
  ['?', 'These keys'],
  ['Esc', 'Close what is open'],
] as const

export function KeysHelp({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog label="Keys" onClose={onClose}>
      <div className="body">
        <h2>Keys</h2>
        <dl className="keys">
          {keys.map(([key, what]) => (
            <Fragment key={key}>
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{what}</dd>
            </Fragment>
          ))}
        </dl>
        <div className="actions">
          <button type="button" className="button" onClick={onClose}>
            Close
          </button>
        </div>
      </div>
    </Dialog>
  )
}
