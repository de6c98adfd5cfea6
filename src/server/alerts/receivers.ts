import type { Secret } from '../../base/secret.ts'
import { fleetError } from '../../fleet/errors.ts'
import type { AlertsDeclaration, ReceiverDeclaration } from '../../fleet/file/alert-schema.ts'
import { alertReferences, type ReferenceSource, resolveReference } from '../../fleet/file/references.ts'
import { pathText } from '../../fleet/file/tree.ts'
import type { Receiver } from '../../observe/alerts/receivers/receiver.ts'
import { smtp } from '../../observe/alerts/receivers/smtp.ts'
import { slack, webhook } from '../../observe/alerts/receivers/webhook.ts'

/**
 * Whoever the fleet file says can be told, with addresses and passwords looked up now.
 * @throws SECRET_UNAVAILABLE, ALERT_RECEIVER_INVALID
 */
export async function receiversFor(alerts: AlertsDeclaration, source: ReferenceSource): Promise<Receiver[]> {
  const secrets = new Map<string, Secret>()
  for (const { path, reference, kind } of alertReferences(alerts)) {
    const resolved = await resolveReference(reference, kind, source)
    if (!resolved.ok) throw fleetError('SECRET_UNAVAILABLE', `${pathText(path)}: ${resolved.reason}`)
    secrets.set(path.slice(2).join('/'), resolved.secret)
  }
  return Object.entries(alerts.receivers).map(([name, declared]) => {
    return receiver(name, declared, (key) => secrets.get(`${name}/${key}`))
  })
}

function receiver(
  name: string,
  declared: ReceiverDeclaration,
  secret: (key: string) => Secret | undefined,
): Receiver {
  if (declared.kind !== 'mail') {
    const authorization = secret('authorization')
    const options = { name, url: secret('hook')!, ...(authorization === undefined ? {} : { authorization }) }
    return declared.kind === 'slack' ? slack(options) : webhook(options)
  }
  const { host, port, security, from, to, user } = declared
  const ca = secret('ca')?.reveal()
  const password = secret('password')
  const login = user === undefined || password === undefined ? {} : { login: { user, password } }
  return smtp({ name, host, port, security, from, to, ...login, ...(ca === undefined ? {} : { ca }) })
}
