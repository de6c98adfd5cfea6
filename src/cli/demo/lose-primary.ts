import { Writable } from 'node:stream'
import type { FailoverReceipt } from '../../failover/receipt/receipt.ts'
import { readReceipts } from '../../failover/receipt/store.ts'
import type { CommandContext } from '../command.ts'
import { failover } from '../commands/failover.ts'
import { cliError } from '../errors.ts'
import { Exit } from '../exit.ts'
import { Output } from '../output.ts'
import { truncate } from '../terminal/text-width.ts'
import { formatDuration } from '../terminal/units.ts'
import { DEMO_ROUTE } from './demo-fleet.ts'
import type { DemoScreen } from './demo-screen.ts'
import { type ShopReader, shopGroups } from './shop-reader.ts'
import { type ShopWriter, shopWriters } from './shop-writer.ts'
import type { Stage } from './stage.ts'

/** The shop as it runs: it is never told of what happens to its clusters. */
export type Shop = { readonly writer: ShopWriter; readonly readers: readonly ShopReader[] }

/** What the loss of a whole cluster came to, as the shop saw it and as the receipt has it. */
export type PrimaryLost = {
  /** No order was acknowledged for so long: the kill, the decision and the switch together. */
  readonly writersWaitedMs: number
  /** From the command to the first order that was acknowledged after it; null where none was. */
  readonly fromCommandMs: number | null
  /** Connections of the shop and its groups before the kill, and how many were opened anew since. */
  readonly connections: number
  readonly openedAnew: number
  /** Errors that the shop has seen. */
  readonly refused: number
  readonly receipt: FailoverReceipt | null
}

/** What a step came to in detail stands in the receipt. */
const LINE_COLUMNS = 96
/** Somebody looks, and decides. */
const DECIDED_AFTER_MS = 1_500

/**
 * Kills all of seoul, and runs `kmc failover` as an operator does. Gives what tells, once the shop is closed, what it
 * came to. @throws what the command throws
 */
export async function losePrimary(
  stage: Stage,
  shop: Shop,
  { context, signal }: { readonly context: CommandContext; readonly signal: AbortSignal },
): Promise<() => Promise<PrimaryLost>> {
  const { screen } = stage
  const { pauses } = shop.writer
  const [connected, refused] = [connectionsOf(stage), shop.writer.refused]
  pauses.restart()
  await killSeoul(stage)
  await stage.until(() => false, signal, DECIDED_AFTER_MS)
  screen.blow(`somebody decides: kmc failover ${DEMO_ROUTE}`)
  pauses.mark(Date.now())
  const failing = runFailover(context, screen)
  // Without a look now and then the table would stand still meanwhile.
  const done = new AbortController()
  const looking = stage.until(() => done.signal.aborted, AbortSignal.any([signal, done.signal]))
  try {
    await failing
  } finally {
    done.abort()
    await looking
  }
  if (await stage.until(() => pauses.firstMs !== null, signal)) {
    const took = formatDuration(pauses.firstMs!)
    screen.good(`${took} after the command virginia takes the shop's orders; the shop knows nothing of it`)
  }
  return async () => ({
    writersWaitedMs: pauses.longestMs,
    fromCommandMs: pauses.firstMs,
    connections: connected.open,
    openedAnew: connectionsOf(stage).opened - connected.opened,
    refused: shop.writer.refused - refused,
    receipt: await receiptOf(stage),
  })
}

async function killSeoul({ supervisor, screen, sides }: Stage): Promise<void> {
  const seoul = supervisor.status().clusters.find(({ name }) => name === 'seoul')
  const pids = (seoul?.brokers ?? []).flatMap(({ pid }) => (pid === null ? [] : [pid]))
  for (const pid of pids) process.kill(pid, 'SIGKILL')
  sides.loseSource()
  screen.blow(`seoul is killed with kill -9 (process ${pids.join(', ')}) and stays away; the shop waits`)
  // Its supervisor would bring it back within a second.
  await supervisor.cluster('seoul', 'stop')
}

/** The command itself; what it notes goes to the screen. */
async function runFailover(context: CommandContext, screen: DemoScreen): Promise<void> {
  const stream = new Writable({
    write(chunk, _encoding, done) {
      for (const line of String(chunk).trimEnd().split('\n')) screen.note(`  ${truncate(line, LINE_COLUMNS)}`)
      done()
    },
  })
  const out = new Output({ stdout: stream, stderr: stream, format: 'table', color: false, debug: false })
  const code = await failover.run({ ...context, out }, { yes: true }, [DEMO_ROUTE])
  if (code === Exit.ok) return
  const message = `kmc failover ${DEMO_ROUTE} ended with exit code ${code}; what it said stands above`
  throw cliError('DEMO_FAILOVER_REFUSED', message)
}

/** Connections of the shop and its groups, as the gateway counts them. */
function connectionsOf({ supervisor }: Stage): { readonly open: number; readonly opened: number } {
  const known: ReadonlySet<string> = new Set([...shopWriters, ...shopGroups])
  const route = supervisor.status().routes.find(({ name }) => name === DEMO_ROUTE)
  const clients = (route?.gateway?.clients ?? []).filter(({ clientId }) => known.has(clientId))
  return {
    open: clients.reduce((sum, { connections }) => sum + connections, 0),
    opened: clients.reduce((sum, { opened }) => sum + opened, 0),
  }
}

async function receiptOf({ sides }: Stage): Promise<FailoverReceipt | null> {
  const receipts = await readReceipts(sides.destination)
  return receipts.flatMap((one) => (one.of === 'route' ? [one.receipt] : [])).at(-1) ?? null
}
