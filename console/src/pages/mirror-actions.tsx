import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { LinkOverview } from '../../../src/fleet/run/fleet-status.ts'
import type { Verb } from '../../../src/link/mirrors/life.ts'
import type { RepairChoice } from '../../../src/link/state/intents.ts'
import type { MirrorState, MirrorStatus } from '../../../src/link/status.ts'
import type { MirrorDetail } from '../../../src/server/api/mirrors.ts'
import { ask, path } from '../api/http.ts'
import { verbs } from '../api/verbs.ts'
import { ActDialog, Refusal } from '../parts/act-dialog.tsx'
import { lagText } from '../parts/format.ts'
import { visible } from '../records/text.ts'

type Props = { readonly link: LinkOverview; readonly mirror: MirrorStatus }
type Asked = Verb | 'repair'

/** What makes sense in a state; the server says what a verb would do, and refuses the rest. */
const fitting: Readonly<Record<MirrorState, readonly Asked[]>> = {
  seeding: [],
  active: ['pause', 'promote', 'failover'],
  paused: ['resume', 'failover'],
  faulted: ['repair', 'pause', 'failover'],
  promoting: ['resume', 'failover'],
  ...{ promoted: [], 'failed-over': [] },
}

const words: Readonly<Record<Asked, string>> = {
  ...{ pause: 'Pause', resume: 'Resume', promote: 'Promote', failover: 'Fail over', repair: 'Repair' },
}

export function MirrorActions({ link, mirror }: Props) {
  const [asked, setAsked] = useState<Asked | null>(null)
  const close = () => setAsked(null)
  return (
    <div className="chips">
      {fitting[mirror.state].map((verb) => (
        <button key={verb} type="button" className="chip" onClick={() => setAsked(verb)}>
          {words[verb]}
          <span className="hidden-text"> {mirror.mirror}</span>
        </button>
      ))}
      {asked === 'repair' && <Repair link={link} mirror={mirror} onClose={close} />}
      {asked !== null && asked !== 'repair' && (
        <VerbDialog link={link} mirror={mirror} verb={asked} onClose={close} />
      )}
    </div>
  )
}

type DialogProps = Props & { readonly onClose: () => void }

function VerbDialog({ link, mirror, verb, onClose }: DialogProps & { readonly verb: Verb }) {
  const { name } = link
  const { data, error } = useQuery({
    queryKey: ['preview', name, verb, mirror.topic],
    queryFn: () => verbs.preview(name, verb, mirror.topic),
    retry: false,
    gcTime: 0,
  })
  const [one] = data?.mirrors ?? []
  const word = data?.confirm ?? null
  return (
    <ActDialog
      title={`${words[verb]} ${mirror.mirror}`}
      button={words[verb]}
      word={word}
      isReady={one !== undefined && !one.isRefused}
      start={() => verbs.mirror(name, verb, mirror.topic, word ?? undefined)}
      onClose={onClose}
    >
      {error !== null && <Refusal error={error} />}
      {one === undefined && error === null && <p role="status">Asking what it would do …</p>}
      {one !== undefined && (
        <p>
          <strong>{visible(one.mirror)}</strong>{' '}
          {one.why !== null ? visible(one.why) : `is ${one.state} and becomes ${one.becomes}.`}{' '}
          {one.isRefused ? '' : data?.warning && `${data.warning}.`}
        </p>
      )}
      {verb === 'failover' && (
        <p className="soft">Behind its source now: {lagText(mirror.lag) ?? 'not known'}.</p>
      )}
    </ActDialog>
  )
}

/** Which repairs fit is the server's to say; each shows first what it does. */
function Repair({ link: { name }, mirror: { mirror, topic }, onClose }: DialogProps) {
  const [chosen, setChosen] = useState<RepairChoice | null>(null)
  const { data, error } = useQuery({
    queryKey: ['mirror', name, topic],
    queryFn: ({ signal }) => ask<MirrorDetail>(path`/api/links/${name}/mirrors/${topic}`, { signal }),
    retry: false,
  })
  return (
    <ActDialog
      title={`Repair ${mirror}`}
      button="Repair"
      word={chosen === null ? null : mirror}
      isReady={chosen !== null}
      start={() => verbs.repair(name, topic, chosen!, mirror)}
      onClose={onClose}
    >
      {error !== null && <Refusal error={error} />}
      {data?.repairs.length === 0 && <p>No repair fits its fault: what the fault says cures it.</p>}
      <fieldset className="choices">
        <legend className="hidden-text">Repairs that fit</legend>
        {data?.repairs.map(({ choice, does }) => (
          <label key={choice}>
            <input
              type="radio"
              name="choice"
              checked={chosen === choice}
              onChange={() => setChosen(choice)}
            />
            <span>
              <strong>{choice}</strong>: {does}
            </span>
          </label>
        ))}
      </fieldset>
    </ActDialog>
  )
}
