import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
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

const FILE = 'passwords.json'

/** Reads the passwords in a cluster's security folder, if they were made. */
export async function readCredentials(folder: string): Promise<ClusterCredentials | undefined> {
  const path = join(folder, FILE)
  const text = await readIfPresent(path)
  return text === undefined ? undefined : parseCredentials(text, path)
}

/** The passwords of a cluster, made the first time; the file is readable for its owner only. */
export async function ensureCredentials(folder: string): Promise<ClusterCredentials> {
  const present = await readCredentials(folder)
  if (present !== undefined) return present
  const made = Object.fromEntries(names.map((name) => [name, randomBytes(24).toString('base64url')]))
  const text = `${JSON.stringify(made, null, 2)}\n`
  await writeDurably(join(folder, FILE), text, PRIVATE_FILE_MODE)
  return parseCredentials(text, FILE)
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
