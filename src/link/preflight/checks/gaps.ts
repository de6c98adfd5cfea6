import { transactionalIdPrefix } from '../../transactions/gap-transactions.ts'
import { grantCommand } from '../commands.ts'
import type { Facts } from '../facts.ts'
import { bad, good, type LinkFinding, warning } from '../findings.ts'

/** How offsets are filled that no reader sees at the source (transaction markers, aborted and compacted records). */
export function checkGaps({
  link,
  gaps,
  destination,
}: Pick<Facts, 'link' | 'gaps' | 'destination'>): LinkFinding[] {
  const { access, name } = destination
  const at = { side: 'destination', subject: name } as const
  if (!gaps.told) {
    const what = `how gaps can be filled on ${name} could not be found out: ${gaps.why}`
    return [warning('NOT_FOUND_OUT', { ...at, what })]
  }
  const command = grantCommand(access, 'alter', 'cluster', [])
  const id = transactionalIdPrefix(link)
  switch (gaps.value) {
    case 'markers':
      return [good('GAPS_BY_MARKERS', { ...at, what: `${access.principal} may write markers on ${name}` })]
    case 'transactions': {
      const what = `${access.principal} may not write markers on ${name}: gaps are filled by empty transactions, slowly`
      const remedy =
        'Grant ALTER (or CLUSTER_ACTION) on the cluster; the link then changes over by itself. Without it one worker copies, the others stand by.'
      return [warning('GAPS_BY_TRANSACTIONS', { ...at, what, remedy, command })]
    }
    case null: {
      const what = `${access.principal} may neither write markers on ${name} nor use the transactional ids ${id}-…`
      const other = grantCommand(access, 'write', 'transactional-id', [`${id}*`])
      const remedy = `Grant ALTER on the cluster. Where that cannot be: WRITE on transactional ids, by \`${other}\`.`
      return [bad('GAPS_IMPOSSIBLE', { ...at, what, remedy, command })]
    }
  }
}
