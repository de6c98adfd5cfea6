import {
  amountWords,
  markdownList,
  markdownPage,
  markdownSection,
  markdownTable,
  markdownText,
} from '../markdown.ts'
import type { FailoverPlan, TopicForecast } from './plan.ts'
import { listed } from './words.ts'

/** A plan as a page, for a ticket or for whoever has to agree to it. */
export function planMarkdown(plan: FailoverPlan): string {
  const { route, kind, from, to, refusals, overridden, drift, transactions } = plan
  const reasons = refusals.map(({ code, what, remedy, flag }) => {
    return [code, what, remedy, flag === null ? '' : `--${flag}`]
  })
  const accepted = overridden.map(({ flag, what }) => [`--${flag}`, what])
  const differences = drift.map(({ severity, what, remedy }) => [severity, what, remedy ?? ''])
  const open = transactions.map(({ transactionalId, partitions }) => {
    return `${transactionalId} on ${listed(partitions)}`
  })
  return markdownPage([
    `# ${markdownText(`${route}: ${kind} ${from} to ${to}`)}`,
    markdownTable(['', ''], headRows(plan)),
    markdownSection('Why it is refused', ['code', 'what', 'what to do', 'accepted with'], reasons),
    markdownSection('Accepted', ['flag', 'what'], accepted),
    markdownSection('Topics', ['topic', 'state', 'lost', 'copied first'], plan.topics.map(topicRow)),
    markdownSection('Groups', ['group', 'read again', 'never read', 'why'], plan.groups.map(groupRow)),
    markdownSection('What is different', ['', 'what', 'what to do'], differences),
    markdownSection('Applications that need care', CARE, plan.applications.map(careRow)),
    markdownList('Open transactions', open),
    markdownSection('Steps', ['', 'step', 'about', 'what'], plan.steps.map(stepRow)),
  ])
}

const CARE = ['application', 'seen by', 'what to do', 'does not travel']

function headRows(plan: FailoverPlan): string[][] {
  const { id, madeAt, madeBy, from, fromAnswers, fromTrouble, refusals, lost, drained, heldMs } = plan
  return [
    ['plan', id],
    ['made', `${new Date(madeAt).toISOString()} by ${madeBy.user}@${madeBy.host}`],
    ['can be done', refusals.length === 0 ? 'yes' : 'no'],
    [from, fromAnswers ? 'answers' : `does not answer: ${fromTrouble}`],
    ['lost', amountWords(lost)],
    ['copied first', amountWords(drained)],
    ['writers wait', `about ${seconds(heldMs)}`],
  ]
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`
}

function careRow(care: FailoverPlan['applications'][number]): string[] {
  const { application, name, evidence, why, todo, missing } = care
  return [`${application} ${name}`, evidence.join('; '), `${why} ${todo.join(' ')}`, missing.join('; ')]
}

function stepRow({ number, name, expectedMs, what }: FailoverPlan['steps'][number]): string[] {
  return [String(number), name, seconds(expectedMs), what]
}

function topicRow({ topic, state, fault, lost, drained }: TopicForecast): string[] {
  return [topic, fault ?? state, amountWords(lost), amountWords(drained)]
}

function groupRow({ group, reRead, skipped, words }: FailoverPlan['groups'][number]): string[] {
  const known = (value: number | null) => (value === null ? 'not known' : String(value))
  return [group, known(reRead), known(skipped), words]
}
