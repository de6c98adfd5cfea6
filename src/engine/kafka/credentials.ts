import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Secret } from '../../base/secret.ts'
import { PRIVATE_FILE_MODE, readIfPresent, writeDurably } from '../durable-file.ts'
import { engineError } from '../errors.ts'

/** The user that kmc itself is; a super user. */
export const ADMIN_USER = 'kmc'
/** The user that brokers and controllers are to each other; a super user. */
export const BROKER_USER = 'kmc-broker'

/** The passwords of one secured cluster. All are base64url, so they need no quoting anywhere. */
export type ClusterCredentials = {
  readonly adminPassword: Secret
  readonly brokerPassword: Secret
  readonly keystorePassword: Secret
}

const names = ['adminPassword', 'brokerPassword', 'keystorePassword'] as const

/** Reads the passwords of a cluster, or makes them the first time; the file is readable for its owner only. */
export async function ensureCredentials(path: string): Promise<ClusterCredentials> {
  const text = await readIfPresent(path)
  if (text !== undefined) return parseCredentials(text, path)
  const made = Object.fromEntries(names.map((name) => [name, randomBytes(24).toString('base64url')]))
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const whole = `${JSON.stringify(made, null, 2)}\n`
  await writeDurably(path, whole, PRIVATE_FILE_MODE)
  return parseCredentials(whole, path)
}

function parseCredentials(text: string, path: string): ClusterCredentials {
  const unreadable = () =>
    engineError('CLUSTER_STATE_UNREADABLE', `${path} does not hold the passwords of a cluster`)
  let value: Partial<Record<string, unknown>>
  try {
    value = JSON.parse(text) as Partial<Record<string, unknown>>
  } catch {
    // The parser's own message would quote the text, which may hold passwords.
    throw unreadable()
  }
  const secret = (name: (typeof names)[number]) => {
    const password = value?.[name]
    if (typeof password !== 'string' || password === '') throw unreadable()
    return new Secret(password)
  }
  return {
    adminPassword: secret('adminPassword'),
    brokerPassword: secret('brokerPassword'),
    keystorePassword: secret('keystorePassword'),
  }
}
