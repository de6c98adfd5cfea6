import { useState } from 'react'
import type { ShownRecord } from '../../../src/observe/records/shown.ts'
import { Empty, Failure, Panel } from '../parts/basics.tsx'
import { bytes, count } from '../parts/format.ts'
import { firstQuestion, type Question } from './api.ts'
import { QuestionForm } from './question-form.tsx'
import { RecordRows } from './rows.tsx'
import { type Tail, useRecordPages, useTail } from './use-records.ts'

type BrowserProps = { readonly cluster: string; readonly topic: string }

/** What stands in a topic: sought by offset or time, filtered, or followed. */
export function RecordBrowser({ cluster, topic }: BrowserProps) {
  const [question, setQuestion] = useState<Question>(firstQuestion)
  const pages = useRecordPages(cluster, topic, question)
  const tail = useTail(cluster, topic, question)
  const records = question.isTail ? tail.records : (pages.data?.pages.flatMap((page) => page.records) ?? [])
  return (
    <Panel flush title="Records" aside={<Progress question={question} pages={pages} tail={tail} />}>
      <QuestionForm onAsk={setQuestion} isBusy={pages.isFetching} />
      {pages.error !== null && !question.isTail ? (
        <Failure error={pages.error} />
      ) : (
        <Records {...{ cluster, topic, question, records }} isAsking={pages.isFetching} />
      )}
      {!question.isTail && pages.hasNextPage && (
        <div className="empty">
          <button
            type="button"
            className="button"
            disabled={pages.isFetching}
            onClick={() => void pages.fetchNextPage()}
          >
            {pages.isFetching ? 'Reading …' : question.order === 'newest' ? 'Older ones' : 'Newer ones'}
          </button>
        </div>
      )}
    </Panel>
  )
}

type RecordsProps = BrowserProps & {
  readonly question: Question
  readonly records: readonly ShownRecord[]
  readonly isAsking: boolean
}

function Records({ cluster, topic, question, records, isAsking }: RecordsProps) {
  if (records.length > 0) return <RecordRows {...{ cluster, topic, records }} />
  if (question.isTail) return <Empty title="Nothing was written since you began to look" />
  if (isAsking) return <Empty title="Reading …" />
  return (
    <Empty title={question.filter === '' ? 'No records here' : 'No record so far is as the filter says'} />
  )
}

type Pages = ReturnType<typeof useRecordPages>
type ProgressProps = { readonly question: Question; readonly pages: Pages; readonly tail: Tail }

/** How much was looked through for what is shown. */
function Progress({ question, pages, tail }: ProgressProps) {
  if (question.isTail) {
    const missed = tail.skipped > 0 ? `${count(tail.skipped)} more came than fit` : 'following'
    return <span className="soft small">{tail.trouble ?? missed}</span>
  }
  const scanned = (pages.data?.pages ?? []).map((page) => page.scanned)
  if (scanned.length === 0) return null
  const records = scanned.reduce((sum, page) => sum + page.records, 0)
  const size = scanned.reduce((sum, page) => sum + page.bytes, 0)
  const isAll = pages.data?.pages.at(-1)?.end === 'all'
  return (
    <span className="soft small">
      {count(records)} looked through, {bytes(size)}
      {isAll && ', that is all'}
    </span>
  )
}
