import { setTimeout as sleep } from 'node:timers/promises'
import type { FailoverReceipt } from '../../src/failover/receipt/receipt.ts'
import type { FailoverRecord } from '../../src/failover/state/records.ts'
import { JavaClient, type ScannedRecord } from '../harness/java/client.ts'
import { kmc, signalled, startKmc } from '../harness/kmc.ts'
import { PATIENCE_MS, waitUntil } from '../harness/wait.ts'
import { type Comparison, compare } from './check/journal.ts'
import { Clients, PARTITIONS, TOPIC } from './clients.ts'
import { FailoverWorld } from './world.ts'

/**
 * What becomes of the primary: all brokers get SIGKILL; or stand still (SIGSTOP) until the failover is over; or
 * nothing, and it is left with --force; or they are killed together with the second gateway, which comes back after the
 * failover; or in the middle of a switchover, which the same command goes on with as a failover.
 */
export type Blow = 'killed' | 'hangs' | 'forced' | 'with a gateway' | 'in a switchover'

/** When what happens. All times are milliseconds. */
export type Moment = {
  readonly blow: Blow
  /** After the load runs, until the crash. */
  readonly loadMs: number
  /** For so long before the crash the link's worker stands still: that is what will be lost. */
  readonly behindMs: number
  /** From the crash to the command. */
  readonly hesitateMs: number
  /** Whether the worker, when it stood still, wakes at once or only after the failover. */
  readonly wakes: 'at the crash' | 'after the failover'
}

export type RoundReport = Comparison & {
  readonly moment: Moment
  readonly receipt: FailoverReceipt
  /** By client, from the command until it went on. */
  readonly rtoMs: Readonly<Record<string, number>>
  /** Of the command itself, and of it until the first step. */
  readonly tookMs: number
  readonly planMs: number
  /** What the old primary is said to hold once it is back; null code: nothing is stranded. */
  readonly stranded: { readonly code: string | null; readonly message: string }
}

const AT_LEAST = 30
const PIPES_MS = 300

/** One crash: clients write, all brokers of the primary are killed, `kmc failover` runs, and everything is counted. */
export async function suffer(moment: Moment, tell: (line: string) => void): Promise<RoundReport> {
  const java = await JavaClient.start()
  const world = await FailoverWorld.start().catch(async (error) => {
    await java.close()
    throw error
  })
  let clients: Clients | null = null
  try {
    await java.createTopics(world.clusters.seoul.access, [{ name: TOPIC, partitions: PARTITIONS }])
    await world.awaitReady()
    clients = await Clients.start(java, world.gateways)
    await world.awaitMirrored()
    await world.awaitGrown()
    await clients.progress('before the crash', AT_LEAST)
    return await crash(world, { java, clients, moment, tell })
  } finally {
    clients?.kill()
    await java.close()
    await world.stop()
  }
}

type Scene = {
  readonly java: JavaClient
  readonly clients: Clients
  readonly moment: Moment
  readonly tell: (line: string) => void
}

async function crash(world: FailoverWorld, { java, clients, moment, tell }: Scene): Promise<RoundReport> {
  const { blow, loadMs, behindMs, hesitateMs, wakes } = moment
  await sleep(loadMs)
  const worker = await world.linkWorkerPid()
  if (behindMs > 0) signalled(worker, 'SIGSTOP')
  await sleep(behindMs)
  if (blow === 'in a switchover') await strikeWithin(world, tell)
  else await world.strike(blow)
  if (wakes === 'at the crash') signalled(worker, 'SIGCONT')
  await sleep(hesitateMs)
  const commandAt = Date.now()
  const flags = blow === 'forced' ? ['--force'] : []
  const command = kmc(world.directory, 'failover', 'shop', '--yes', ...flags, '-o', 'json')
  // What was acknowledged before the crash has come out of everybody's pipes by then.
  await sleep(PIPES_MS)
  const going = clients.progress('after the crash', 1)
  // What fails is told by the awaits below.
  going.catch(() => {})
  const { code, stdout, stderr } = await command
  const tookMs = Date.now() - commandAt
  if (wakes === 'after the failover') signalled(worker, 'SIGCONT')
  world.bringGatewayBack()
  if (code !== 0) throw new Error(`kmc failover ended with ${code}:\n${stdout}${stderr}`)
  const { id, steps } = JSON.parse(stdout) as FailoverRecord
  const planMs = steps[0]!.startedAt - commandAt
  tell(`${tookMs} ms: ${planMs} to the first step, ${stepTimes(steps)}`)
  const movedAt = await going
  await clients.progress('at the other cluster', AT_LEAST)
  const { journals, errors } = await clients.stop()
  const receipt = await world.receipt<FailoverReceipt>(id)
  const { virginia, seoul } = world.clusters
  // Of a gateway that died with the primary nobody knows what it told clients: the receipt has to say so.
  const isSure = blow !== 'with a gateway'
  const compared = compare(journals, await java.scan(virginia.access, TOPIC), receipt, isSure)
  const findings = [...compared.findings, ...errors.map((error) => `a reader saw: ${error}`)]
  findings.push(...(await openEnds(java, virginia.access)))
  world.wakePrimary()
  await seoul.awaitWhole()
  const before = await java.scan(seoul.access, TOPIC, { isolation: 'read_uncommitted' })
  const stranded = await world.bringBack()
  const after = await java.scan(seoul.access, TOPIC, { isolation: 'read_uncommitted' })
  if (!holdsAll(after, before)) findings.push('records of the old primary were changed')
  if (isSure) findings.push(...strandedFindings(receipt, stranded))
  const rtoMs = Object.fromEntries([...movedAt].map(([name, at]) => [name, at - commandAt]))
  return { ...compared, findings, moment, receipt, rtoMs, tookMs, planMs, stranded }
}

/** Once writes are held, and as long as the link lacks something. */
async function strikeWithin(world: FailoverWorld, tell: (line: string) => void): Promise<void> {
  const switchover = startKmc(world.directory, 'failover', 'shop', '--yes')
  const isHeld = () => switchover.printed().includes('✓ fence:')
  await waitUntil('writes are held', isHeld, {
    withinMs: PATIENCE_MS,
    everyMs: 5,
    lastSeen: switchover.printed,
  })
  await world.strike('killed')
  const { code, stderr } = await switchover.ended
  tell(`the switchover ended with ${code}: ${stderr.trim().split('\n').slice(-4).join(' | ')}`)
}

function stepTimes(steps: FailoverRecord['steps']): string {
  return steps
    .map(({ name, startedAt, endedAt }) => `${name} ${(endedAt ?? startedAt) - startedAt}`)
    .join(', ')
}

type Ranges = Awaited<ReturnType<JavaClient['ranges']>>

/** A transaction that hangs keeps readers of committed records from the end. */
async function openEnds(java: JavaClient, access: Parameters<JavaClient['ranges']>[0]): Promise<string[]> {
  const [committed, all]: [Ranges, Ranges] = [
    await java.ranges(access, TOPIC, 'read_committed'),
    await java.ranges(access, TOPIC, 'read_uncommitted'),
  ]
  return Object.entries(all).flatMap(([partition, [, end]]) => {
    const stable = committed[partition]![1]
    return stable === end ? [] : [`partition ${partition} is readable to ${stable} of ${end}`]
  })
}

function holdsAll(after: readonly ScannedRecord[], before: readonly ScannedRecord[]): boolean {
  const at = ({ partition, offset }: ScannedRecord) => `${partition}/${offset}`
  const now = new Map(after.map((record) => [at(record), record.digest]))
  return before.every((record) => now.get(at(record)) === record.digest)
}

function strandedFindings(
  { partitions, lost }: FailoverReceipt,
  { code, message }: RoundReport['stranded'],
): string[] {
  if ((lost.records ?? 0) === 0) return []
  if (code !== 'STRANDED_RECORDS') return [`the old primary holds lost records and is said to be ${code}`]
  return partitions
    .filter((one) => (one.lost.records ?? 0) > 0)
    .filter(({ partition, continuedAt, lost: { records } }) => {
      const from = new RegExp(
        `${TOPIC}-${partition}: offsets? ${continuedAt} .*told of ${records} of the records`,
      )
      return !from.test(message)
    })
    .map(
      ({ partition }) => `partition ${partition}: its fault does not say what the receipt says: ${message}`,
    )
}
