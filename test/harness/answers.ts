import { Admin } from '@platformatic/kafka'
import type { ClientAccess } from '../../src/engine/kafka/security.ts'

const PROBE_MS = 2_000

/** Whether a broker answers a metadata request, asked by a foreign client. */
export async function answers(bootstrap: readonly string[], access: ClientAccess): Promise<boolean> {
  const { tls, sasl } = access
  const login = sasl && {
    mechanism: sasl.mechanism,
    username: sasl.username,
    password: sasl.password.reveal(),
  }
  const admin = new Admin({
    clientId: 'probe',
    bootstrapBrokers: [...bootstrap],
    retries: 0,
    timeout: PROBE_MS,
    connectTimeout: PROBE_MS,
    ...(tls === undefined ? {} : { tls: { ca: tls.ca } }),
    ...(login === undefined ? {} : { sasl: login }),
  })
  try {
    await admin.metadata({ topics: [], forceUpdate: true })
    return true
  } finally {
    await admin.close()
  }
}
