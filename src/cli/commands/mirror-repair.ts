import { type LinkAtHand, linkAtHand, mirrorNamed } from '../../fleet/apply/link-at-hand.ts'
import { openFleet } from '../../fleet/apply/open-fleet.ts'
import { faultsOf, type MirrorFault, refuseMisfit } from '../../link/intents/fits.ts'
import { repairsFor, repairWords } from '../../link/intents/repairs.ts'
import type { RepairChoice } from '../../link/state/intents.ts'
import type { MirrorRecord } from '../../link/state/records.ts'
import { fleetStatus } from '../../server/fleet-status.ts'
import type { CommandContext, CommandDefinition } from '../command.ts'
import { usageError } from '../errors.ts'
import { Exit } from '../exit.ts'
import { askAndTell } from '../mirrors.ts'
import { confirm } from '../terminal/confirm.ts'
import { printable } from '../terminal/text-width.ts'
import { secondsOf } from './mirror-verbs.ts'

type RepairOptions = {
  readonly partition?: readonly string[]
  readonly dryRun?: true
  readonly yes?: true
  readonly timeout: string
}

export const mirrorRepair: CommandDefinition<RepairOptions> = {
  description:
    'Repairs a mirror that a fault has stopped. accept-gap: keeps what the mirror has, fills the offsets that are lost at ' +
    'the source with markers that no reader sees, and goes on. reseed: deletes the mirror and makes it again from what the ' +
    'source has. resume: looks again where the cause was cured. Shows what would happen and asks; every repair leaves a ' +
    'receipt that `kmc mirror describe` shows.',
  examples: [
    ['kmc mirror repair dr orders accept-gap --dry-run', 'what would be accepted as lost'],
    ['kmc mirror repair dr orders accept-gap --partition 2', 'one partition, after asking'],
    ['kmc mirror repair dr orders reseed --yes', 'make the mirror again, without asking'],
  ],
  stopMs: 1_000,
  configure: (command) =>
    command
      .argument('<link>', 'a link of the fleet file')
      .argument('<topic>', 'name of the topic, on the destination or on the source')
      .argument('<choice>', `one of ${Object.keys(repairWords).join(', ')}`)
      .option('--partition <numbers...>', 'only these partitions')
      .option('--dry-run', 'show what would happen, and do nothing')
      .option('-y, --yes', 'do not ask')
      .option('--timeout <seconds>', 'how long to wait', '300'),
  async run(context, options, [name, topic, word]) {
    const choice = choiceOf(word!)
    const partitions = options.partition === undefined ? null : options.partition.map(partitionOf)
    if (choice === 'reseed' && partitions !== null) throw usageError('reseed makes the whole mirror again')
    const link = await linkAtHand(context.fleetPath, name!)
    const record = mirrorNamed(link, topic!)
    const faults = await faultsHere(context, link, record, partitions)
    if (faults !== null) refuseMisfit(record, choice, faults)
    preview(context, record, choice, faults)
    if (options.dryRun === true) return Exit.ok
    const warning = `This will ${choice} ${record.mirror}: ${repairWords[choice]}`
    await confirm(context, { warning, word: record.mirror, yes: options.yes === true })
    const wish = { verb: 'repair', choice, partitions, mirrorTopicId: record.mirrorTopicId } as const
    return await askAndTell(
      context,
      link,
      [{ topic: record.topic, wish }],
      secondsOf(options.timeout) * 1_000,
    )
  },
}

function choiceOf(word: string): RepairChoice {
  if (Object.hasOwn(repairWords, word)) return word as RepairChoice
  throw usageError(`there is no repair "${word}"`, `Choose one of ${Object.keys(repairWords).join(', ')}.`)
}

function partitionOf(text: string): number {
  const partition = Number(text)
  if (Number.isInteger(partition) && partition >= 0) return partition
  throw usageError(`"${text}" is not the number of a partition`)
}

/** The faults as the worker tells them, where one runs here; the worker itself has the last word. */
async function faultsHere(
  { fleetPath, signal }: CommandContext,
  link: LinkAtHand,
  { topic }: MirrorRecord,
  partitions: readonly number[] | null,
): Promise<MirrorFault[] | null> {
  const { status } = await fleetStatus(await openFleet(fleetPath), signal)
  const overview = status.links.find(({ name }) => name === link.name)
  const mirror = overview?.mirrors.find((one) => one.topic === topic)
  return overview?.worker === null || mirror === undefined ? null : faultsOf(mirror, partitions)
}

function preview(
  { out }: CommandContext,
  { mirror, accepted }: MirrorRecord,
  choice: RepairChoice,
  faults: readonly MirrorFault[] | null,
): void {
  out.note(`${choice} of ${printable(mirror)}: ${repairWords[choice]}`)
  if (faults === null)
    out.note('  no worker runs here, so its faults cannot be shown; the one that runs decides')
  for (const { fault } of faults ?? []) {
    if (repairsFor(fault.code).includes(choice)) out.note(`  ${printable(fault.message)} [${fault.code}]`)
  }
  if (accepted.length > 0)
    out.note(`  accepted as lost before: ${accepted.length} ranges (kmc mirror describe)`)
}
