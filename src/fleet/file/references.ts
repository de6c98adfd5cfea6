import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { resolve } from 'node:path'
import { messageOf } from '../../base/error.ts'
import { Secret } from '../../base/secret.ts'
import type { AlertsDeclaration } from './alert-schema.ts'
import type { ExternalClusterDeclaration, LinkDeclaration, Reference, RouteDeclaration } from './fleet.ts'
import type { ServerDeclaration } from './server-schema.ts'
import type { Path } from './tree.ts'

/** Certificates and keys are some KiB; more is a mistake. */
const REFERENCED_FILE_BYTES_MAX = 1024 * 1024

/** `secret` files must be readable for their owner alone; `certificate` files may be public. */
export type ReferenceKind = 'secret' | 'private-key' | 'certificate'
export type PlacedReference = {
  readonly path: Path
  readonly reference: Reference
  readonly kind: ReferenceKind
}

/** Where references are looked up: the folder of the fleet file, and the environment. */
export type ReferenceSource = {
  readonly directory: string
  readonly env: Readonly<Record<string, string | undefined>>
}

export type Resolved =
  | { readonly ok: true; readonly secret: Secret }
  /** Why not; never with any part of the secret. */
  | { readonly ok: false; readonly reason: string }

/** All references of one cluster, with the keys they stand at. */
export function referencesOf(cluster: ExternalClusterDeclaration): PlacedReference[] {
  const { tls, sasl, name } = cluster
  const at = ['clusters', name]
  const entries: [string, string, Reference | null | undefined, ReferenceKind][] = [
    ['tls', 'ca', tls?.ca, 'certificate'],
    ['tls', 'certificate', tls?.certificate, 'certificate'],
    ['tls', 'key', tls?.key, 'private-key'],
    ['tls', 'keyPassword', tls?.keyPassword, 'secret'],
    ['sasl', 'password', sasl && 'password' in sasl ? sasl.password : null, 'secret'],
    ['sasl', 'token', sasl && 'token' in sasl ? sasl.token : null, 'secret'],
  ]
  return entries.flatMap(([section, key, reference, kind]) =>
    reference ? [{ path: [...at, section, key], reference, kind }] : [],
  )
}

/** Passwords of users that a link makes, with the keys they stand at. */
export function passwordReferences({ name, travel }: LinkDeclaration): PlacedReference[] {
  return Object.entries(travel?.users?.passwords ?? {}).map(([user, reference]) => {
    return { path: ['links', name, 'users', 'passwords', user], reference, kind: 'secret' }
  })
}

/** Certificates, keys and passwords of a route, with the keys they stand at. */
export function routeReferences({ name, tls, sasl }: RouteDeclaration): PlacedReference[] {
  const at = ['routes', name]
  const ofTls: [string, Reference | null | undefined, ReferenceKind][] = [
    ['certificate', tls?.certificate, 'certificate'],
    ['key', tls?.key, 'private-key'],
    ['keyPassword', tls?.keyPassword, 'secret'],
    ['clientCa', tls?.clientCa, 'certificate'],
  ]
  const users = Object.entries(sasl?.users ?? {}).flatMap(([user, { password, as }]) => {
    const place = [...at, 'sasl', 'users', user]
    const entries: PlacedReference[] = [{ path: [...place, 'password'], reference: password, kind: 'secret' }]
    if (as !== null)
      entries.push({ path: [...place, 'as', 'password'], reference: as.password, kind: 'secret' })
    return entries
  })
  const files = ofTls.flatMap(([key, reference, kind]) =>
    reference ? [{ path: [...at, 'tls', key], reference, kind }] : [],
  )
  return [...files, ...users]
}

/** Certificate, key, tokens and passwords of the server, with the keys they stand at. */
export function serverReferences({ tls, tokens, oidc }: ServerDeclaration): PlacedReference[] {
  const entries: [Path, Reference | undefined, ReferenceKind][] = [
    [['tls', 'certificate'], tls?.certificate, 'certificate'],
    [['tls', 'key'], tls?.key, 'private-key'],
    [['tls', 'keyPassword'], tls?.keyPassword, 'secret'],
    [['oidc', 'clientSecret'], oidc?.clientSecret, 'secret'],
    ...Object.entries(tokens).map(
      ([name, reference]) => [['tokens', name], reference, 'secret'] as [Path, Reference, ReferenceKind],
    ),
  ]
  return entries.flatMap(([path, reference, kind]) =>
    reference === undefined ? [] : [{ path: ['server', ...path], reference, kind }],
  )
}

/** Addresses, tokens and passwords by which receivers of alerts are told, with the keys they stand at. */
export function alertReferences({ receivers }: AlertsDeclaration): PlacedReference[] {
  return Object.entries(receivers).flatMap(([name, receiver]) => {
    const entries: [string, Reference | undefined, ReferenceKind][] =
      receiver.kind === 'mail'
        ? [
            ['ca', receiver.ca, 'certificate'],
            ['password', receiver.password, 'secret'],
          ]
        : [
            ['hook', receiver.hook, 'secret'],
            ['authorization', receiver.authorization, 'secret'],
          ]
    return entries.flatMap(([key, reference, kind]) =>
      reference === undefined ? [] : [{ path: ['alerts', 'receivers', name, key], reference, kind }],
    )
  })
}

/** What a reference stands for. A line end after a password or token is left out; PEM texts stay as they are. */
export async function resolveReference(
  reference: Reference,
  kind: ReferenceKind,
  source: ReferenceSource,
): Promise<Resolved> {
  const separator = reference.indexOf(':')
  const target = reference.slice(separator + 1)
  const found =
    reference.slice(0, separator) === 'env'
      ? fromEnvironment(target, source.env)
      : await fromFile(resolve(source.directory, target), target, kind)
  return 'reason' in found ? { ok: false, reason: found.reason } : judged(found.text, target, kind)
}

type Found = { readonly text: string } | { readonly reason: string }

function fromEnvironment(name: string, env: ReferenceSource['env']): Found {
  const text = env[name]
  if (text === undefined) return { reason: `the environment variable ${name} is not set` }
  return text === '' ? { reason: `the environment variable ${name} is empty` } : { text }
}

async function fromFile(path: string, shown: string, kind: ReferenceKind): Promise<Found> {
  try {
    // O_NONBLOCK: opening a named pipe must not wait for a writer.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      const { mode, size } = await file.stat().then((stat) => {
        if (!stat.isFile()) throw new Error('it is not a regular file')
        return stat
      })
      if (size > REFERENCED_FILE_BYTES_MAX) return { reason: `${shown} is larger than 1 MiB` }
      if (kind !== 'certificate' && process.platform !== 'win32' && (mode & 0o077) !== 0) {
        const octal = (mode & 0o777).toString(8).padStart(4, '0')
        return { reason: `${shown} can be read by others (mode ${octal}); run: chmod 600 ${shellWord(path)}` }
      }
      return { text: (await file.readFile()).toString('utf8') }
    } finally {
      await file.close()
    }
  } catch (error) {
    return { reason: fileReason(error, shown) }
  }
}

function fileReason(error: unknown, shown: string): string {
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'ENOENT') return `there is no file ${shown}`
  if (code === 'EACCES' || code === 'EPERM') return `${shown} cannot be read by this user`
  if (code === 'EISDIR') return `${shown} is a folder`
  return `${shown} cannot be read: ${code ?? messageOf(error)}`
}

function judged(text: string, shown: string, kind: ReferenceKind): Resolved {
  if (kind === 'certificate' && !text.includes('-----BEGIN CERTIFICATE-----')) {
    return { ok: false, reason: `${shown} holds no certificate in PEM form` }
  }
  if (kind === 'private-key' && !/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) {
    return { ok: false, reason: `${shown} holds no private key in PEM form` }
  }
  const value = kind === 'secret' ? text.replace(/\r?\n$/, '') : text
  return value === '' ? { ok: false, reason: `${shown} is empty` } : { ok: true, secret: new Secret(value) }
}

function shellWord(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`
}
