import { chmod, mkdtemp, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Secret } from '../../base/secret.ts'
import { PRIVATE_FILE_MODE, readIfPresent } from '../durable-file.ts'
import { engineError } from '../errors.ts'
import { isExecutable } from '../install-hint.ts'
import type { Java } from '../java.ts'
import { javaEnvironment } from '../java.ts'
import { lastLines } from '../processes/log-tail.ts'
import { runCommand } from '../processes/run-command.ts'

/** The files of a cluster's own certificate authority and of the certificate that its brokers show. */
export type Certificates = {
  /** PEM; what clients must trust. */
  readonly caFile: string
  readonly ca: string
  /** PKCS12 with the brokers' key and its chain. */
  readonly keystoreFile: string
}

const TOOL_TIMEOUT_MS = 60_000
const VALID_DAYS = '3650'
const NAMES = 'san=dns:localhost,ip:127.0.0.1,ip:0:0:0:0:0:0:0:1'
const BROKER_USE = [
  '-ext',
  'ku:critical=digitalSignature',
  '-ext',
  'eku=serverAuth,clientAuth',
  '-ext',
  NAMES,
]
/** keytool reads the passwords from here (`-storepass:env`): neither argv nor a file shows them. */
const PASSWORD_VARIABLE = 'KMC_KEYSTORE_PASSWORD'

/**
 * Makes, once, an authority and a broker certificate signed by it in `<directory>/tls`. All brokers of a
 * cluster run as one user on one machine under the same names, so they share a key. The authority's key stays
 * in its own keystore, which no broker is given.
 */
export async function ensureCertificates(
  directory: string,
  options: { readonly java: Java; readonly clusterName: string; readonly password: Secret },
): Promise<Certificates> {
  const present = await readCertificates(directory)
  if (present !== undefined) return present
  const work = await mkdtemp(join(directory, '.tls-'))
  try {
    await make(work, options)
    await rename(work, join(directory, 'tls'))
  } finally {
    await rm(work, { recursive: true, force: true })
  }
  const made = await readCertificates(directory)
  if (made === undefined) throw engineError('ENGINE_TOOL_FAILED', `keytool made no ca.pem in ${directory}`)
  return made
}

/** The certificates in `<directory>/tls`, if they were made. */
export async function readCertificates(directory: string): Promise<Certificates | undefined> {
  const folder = join(directory, 'tls')
  const caFile = join(folder, 'ca.pem')
  const ca = await readIfPresent(caFile)
  return ca === undefined ? undefined : { caFile, ca, keystoreFile: join(folder, 'broker.p12') }
}

async function make(
  folder: string,
  { java, clusterName, password }: { java: Java; clusterName: string; password: Secret },
): Promise<void> {
  const authority = join(folder, 'ca.p12')
  const broker = join(folder, 'broker.p12')
  const caFile = join(folder, 'ca.pem')
  const pass = ['-storepass:env', PASSWORD_VARIABLE]
  const key = [
    '-keyalg',
    'EC',
    '-groupname',
    'secp256r1',
    '-validity',
    VALID_DAYS,
    '-startdate',
    '-1d',
    ...pass,
  ]
  const keytool = (args: readonly string[]) => runKeytool(java, args, password)
  const caName = distinguishedName(`kmc ${clusterName} CA`)
  const caUse = ['-ext', 'bc:critical=ca:true,pathlen:0', '-ext', 'ku:critical=keyCertSign,cRLSign']
  await keytool(['-genkeypair', '-alias', 'ca', '-dname', caName, ...key, ...caUse, '-keystore', authority])
  // `-signer` (Java 17) signs with a key of the same keystore and stores the chain with it.
  const brokerName = distinguishedName(`kmc ${clusterName} broker`)
  const signed = ['-genkeypair', '-alias', 'broker', '-signer', 'ca', '-dname', brokerName]
  await keytool([...signed, ...key, ...BROKER_USE, '-keystore', authority])
  const source = ['-srckeystore', authority, '-srcstorepass:env', PASSWORD_VARIABLE, '-srcalias', 'broker']
  const target = [
    '-destkeystore',
    broker,
    '-deststoretype',
    'PKCS12',
    '-deststorepass:env',
    PASSWORD_VARIABLE,
  ]
  await Promise.all([
    keytool(['-importkeystore', ...source, ...target, '-noprompt']),
    keytool(['-exportcert', '-alias', 'ca', '-rfc', ...pass, '-keystore', authority, '-file', caFile]),
  ])
  await keytool(['-delete', '-alias', 'broker', ...pass, '-keystore', authority])
  for (const file of [authority, broker]) await chmod(file, PRIVATE_FILE_MODE)
}

/** RFC 2253 gives a few characters a meaning; a cluster's name must not be able to use them. */
function distinguishedName(commonName: string): string {
  return `CN=${commonName.replace(/[^A-Za-z0-9 ._-]/g, '_')}`
}

async function runKeytool(java: Java, args: readonly string[], password: Secret): Promise<void> {
  if (!isExecutable(java.keytool)) {
    const message = `${java.home} has no keytool, which makes the certificates of a secured cluster`
    throw engineError('JAVA_UNSUITABLE', message)
  }
  const env = javaEnvironment(java, { [PASSWORD_VARIABLE]: password.reveal() })
  // Each run lives for half a second, most of it the JVM's own start.
  const command = {
    file: java.keytool,
    args: ['-J-XX:TieredStopAtLevel=1', '-J-XX:+UseSerialGC', ...args],
    env,
  }
  const result = await runCommand(command, { timeoutMs: TOOL_TIMEOUT_MS })
  if (result.code === 0) return
  const said = lastLines(`${result.stdout}\n${result.stderr}`, 5).join('\n')
  throw engineError('ENGINE_TOOL_FAILED', `keytool ${args[0]} failed: ${said}`)
}
