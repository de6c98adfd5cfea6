import { useState } from 'react'
import { Link } from 'wouter'
import type { AlertEventRow, AlertOverview, AlertRow, SilenceRow } from '../../../src/server/api/alerts.ts'
import { useAlertChanges, useAlertEvents, useAlerts } from '../api/alerts.ts'
import { Badge, Empty, Failure, Panel, When } from '../parts/basics.tsx'
import { counted, instant } from '../parts/format.ts'
import { type Column, Table } from '../parts/table.tsx'
import { visible } from '../records/text.ts'
import { eventWords, pageOf, subjectText, toneOfAlert } from './alert-words.ts'
import { SilenceDialog } from './silence-dialog.tsx'

/** What is wrong, worst first; who is told; what was told lately. */
export function AlertsPage() {
  const { data, error } = useAlerts()
  if (data === undefined) return error === null ? <Empty title="Asking …" /> : <Failure error={error} />
  return (
    <>
      <h1>Alerts</h1>
      <Wrong alerts={data.alerts} />
      <Silences silences={data.silences} />
      <Receivers receivers={data.receivers} />
      <Lately />
    </>
  )
}

function About({ subject }: { readonly subject: AlertRow['subject'] }) {
  const to = pageOf(subject)
  const text = subjectText(subject)
  return to === null ? text : <Link href={to}>{text}</Link>
}

function Wrong({ alerts }: { readonly alerts: readonly AlertRow[] }) {
  const [chosen, setChosen] = useState<AlertRow | null>(null)
  const firing = alerts.filter(({ state, isSilenced }) => state === 'firing' && !isSilenced).length
  const columns: readonly Column<AlertRow>[] = [
    {
      title: 'State',
      cell: (alert) => (
        <Badge state={alert.isSilenced ? 'silenced' : alert.state} tone={toneOfAlert(alert)} />
      ),
    },
    { title: 'Severity', cell: ({ severity }) => severity },
    {
      title: 'What',
      isName: true,
      cell: ({ title, remedy }) => (
        <>
          {visible(title)}
          {remedy !== '' && <p className="small soft">{visible(remedy)}</p>}
        </>
      ),
    },
    { title: 'About', cell: ({ subject }) => <About subject={subject} /> },
    { title: 'Rule', cell: ({ rule }) => <code>{rule}</code> },
    { title: 'Since', cell: ({ since }) => <When at={since} /> },
    {
      title: 'Telling',
      cell: (alert) =>
        alert.isSilenced ? (
          <span className="soft">nobody</span>
        ) : (
          <button type="button" className="chip" onClick={() => setChosen(alert)}>
            silence<span className="hidden-text"> {subjectText(alert.subject)}</span>
          </button>
        ),
    },
  ]
  return (
    <Panel flush title={firing === 0 ? 'Nothing fires' : `${firing} firing`}>
      <Table
        label="Alerts"
        rows={alerts}
        columns={columns}
        keyOf={({ rule, subject }) => `${rule} ${subjectText(subject)}`}
        empty="Nothing is wrong"
      />
      {chosen !== null && <SilenceDialog alert={chosen} onClose={() => setChosen(null)} />}
    </Panel>
  )
}

function Silences({ silences }: { readonly silences: readonly SilenceRow[] }) {
  const { unsilence } = useAlertChanges()
  if (silences.length === 0) return null
  const columns: readonly Column<SilenceRow>[] = [
    { title: 'Rule', cell: ({ rule }) => (rule === undefined ? 'every rule' : <code>{rule}</code>) },
    { title: 'About', isName: true, cell: ({ subject }) => subjectText(subject) || 'everything' },
    { title: 'Until', cell: ({ until }) => instant(until) },
    { title: 'By', cell: ({ by }) => visible(by) },
    { title: 'Why', cell: ({ why }) => visible(why) },
    {
      title: 'End',
      cell: ({ id, subject }) => (
        <button type="button" className="chip" onClick={() => unsilence.mutate(id)}>
          end<span className="hidden-text"> the silence of {subjectText(subject)}</span>
        </button>
      ),
    },
  ]
  return (
    <Panel flush title={counted(silences.length, 'silence')}>
      <Table label="Silences" rows={silences} columns={columns} keyOf={({ id }) => id} empty="" />
    </Panel>
  )
}

type Receiver = AlertOverview['receivers'][number]

function Receivers({ receivers }: { readonly receivers: readonly Receiver[] }) {
  const { test } = useAlertChanges()
  if (receivers.length === 0) {
    return (
      <Panel title="Nobody is told">
        <p className="soft">
          Receivers are declared under <code>alerts: {'{ receivers: … }'}</code> in the fleet file.
        </p>
      </Panel>
    )
  }
  const columns: readonly Column<Receiver>[] = [
    { title: 'Receiver', isName: true, cell: ({ name }) => name },
    { title: 'Sent', isNumber: true, cell: ({ sent }) => sent },
    { title: 'Waiting', isNumber: true, cell: ({ waiting }) => waiting },
    { title: 'Lost', isNumber: true, cell: ({ lost }) => lost },
    { title: 'Last error', cell: ({ lastError }) => (lastError === null ? 'none' : visible(lastError)) },
    {
      title: 'Try it',
      cell: ({ name }) => (
        <button type="button" className="chip" disabled={test.isPending} onClick={() => test.mutate(name)}>
          test<span className="hidden-text"> {name}</span>
        </button>
      ),
    },
  ]
  return (
    <Panel flush title="Who is told">
      <Table label="Receivers" rows={receivers} columns={columns} keyOf={({ name }) => name} empty="" />
      <p className="body small" role="status">
        {test.isSuccess && `${test.variables} took the test`}
        {test.isError && test.error.message}
      </p>
    </Panel>
  )
}

function Lately() {
  const { data, error } = useAlertEvents()
  if (data === undefined) return error === null ? null : <Failure error={error} />
  const columns: readonly Column<AlertEventRow>[] = [
    { title: 'When', cell: ({ at }) => <When at={at} /> },
    { title: 'What', cell: ({ what }) => eventWords[what] },
    { title: 'Alert', isName: true, cell: ({ alert }) => visible(alert.title) },
    { title: 'About', cell: ({ alert }) => <About subject={alert.subject} /> },
    { title: 'Rule', cell: ({ alert }) => <code>{alert.rule}</code> },
  ]
  return (
    <Panel flush title="Told lately">
      <Table
        label="Told lately"
        rows={data.events}
        columns={columns}
        keyOf={({ at, what, alert }) => `${at} ${what} ${alert.rule} ${subjectText(alert.subject)}`}
        empty="Nothing was told yet"
      />
    </Panel>
  )
}
