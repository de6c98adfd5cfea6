import { isOwnRule } from '../alert-rules.ts'
import { didYouMean } from '../suggest.ts'
import { type CheckContext, checkClusterName, report } from './context.ts'

/** Checks of `alerts`: rules of one's own say what they look at, and those who are told are there. */
export function checkAlerts(context: CheckContext): void {
  const { alerts, links, routes } = context.fleet
  if (alerts === undefined) return
  const receivers = Object.keys(alerts.receivers)
  const named = { link: Object.keys(links), route: Object.keys(routes) }
  for (const [name, rule] of Object.entries(alerts.rules)) {
    const at = ['alerts', 'rules', name]
    if (isOwnRule(name) && (rule.on === undefined || rule.above === undefined)) {
      report(context, at, 'a rule of your own needs `on` and `above`; those that come with kmc have both')
    }
    if (!isOwnRule(name) && rule.on !== undefined) {
      report(
        context,
        [...at, 'on'],
        `${name} comes with kmc; give a rule that looks at something else a name of its own`,
      )
    }
    checkMatch(context, [...at, 'match'], rule.match, named)
  }
  for (const [index, tell] of alerts.tell.entries()) {
    const at = ['alerts', 'tell', index]
    for (const [place, name] of tell.to.entries()) {
      if (receivers.includes(name)) continue
      const near = didYouMean(name, receivers)
      const known = near === '' ? `; the receivers are ${receivers.join(', ') || 'none'}` : near
      report(context, [...at, 'to', place], `there is no such receiver${known}`)
    }
    checkMatch(context, [...at, 'match'], tell.match, named)
  }
  for (const [name, receiver] of Object.entries(alerts.receivers)) {
    if (receiver.kind !== 'mail') continue
    const at = ['alerts', 'receivers', name]
    if ((receiver.user === undefined) !== (receiver.password === undefined)) {
      report(context, at, '`user` and `password` go together')
    } else if (receiver.user !== undefined && receiver.security === 'none') {
      report(context, [...at, 'security'], 'a password is never sent in clear; write starttls or tls')
    }
  }
}

function checkMatch(
  context: CheckContext,
  at: readonly (string | number)[],
  match: Readonly<Partial<Record<string, string>>> = {},
  named: Readonly<Record<'link' | 'route', readonly string[]>>,
): void {
  const { cluster, link, route } = match
  const isName = (text: string | undefined): text is string => text !== undefined && !text.includes('*')
  if (isName(cluster)) checkClusterName(context, [...at, 'cluster'], cluster)
  for (const [kind, name] of Object.entries({ link, route })) {
    const known = named[kind as 'link' | 'route']
    if (isName(name) && !known.includes(name)) {
      report(context, [...at, kind], `there is no such ${kind}${didYouMean(name, known)}`)
    }
  }
}
