import { type ErrorOptions, KmcError } from '../base/error.ts'

/** Errors that the command line itself raises. */
export const cliErrors = {
  USAGE: {
    title: 'The command was used in a way it does not know',
    remedy: 'Run the command with --help; it shows every option with examples.',
  },
  NOT_CONFIRMED: {
    title: 'Something that cannot be undone was not confirmed',
    remedy: 'Type the name when asked, or pass --yes.',
  },
  CLUSTER_UNKNOWN: {
    title: 'The fleet has no cluster of that name',
    remedy: 'List the names with: kmc cluster list',
  },
  CLUSTER_NOT_CHOSEN: {
    title: 'The command works on one cluster and the fleet has several',
    remedy: 'Name one with --cluster NAME.',
  },
  NO_CLUSTER_ANSWERED: {
    title: 'No cluster of the fleet answered',
    remedy: 'The line of each cluster says why; kmc doctor looks closer.',
  },
  CLUSTER_SLOW: {
    title: 'A cluster had not answered while others had',
    remedy: 'Name it with --cluster to wait longer; kmc doctor looks closer.',
  },
  TOPIC_UNKNOWN: {
    title: 'The cluster has no topic of that name, or the user may not see it',
    remedy: 'List the topics with: kmc topic list',
  },
  GROUP_UNKNOWN: {
    title: 'No cluster that was asked has a consumer group of that name',
    remedy: 'List the groups with: kmc group list',
  },
  PARTITION_UNKNOWN: {
    title: 'The topic has no partition of that number',
    remedy: 'See its partitions with: kmc topic describe TOPIC',
  },
  INPUT_UNREADABLE: {
    title: 'Records to produce could not be read',
    remedy: 'Check the file and the line named in the message.',
  },
  LIBRARY_FAILED: {
    title: 'Producing or consuming in a group failed',
    remedy: "The message holds the broker's reason; check the topic and the ACLs of the user, and try again.",
  },
  SUPERVISOR_NOT_STARTED: {
    title: 'The background process of the fleet ended before it was ready',
    remedy: 'The file named in the message holds what it said; run kmc up without --detach to watch it.',
  },
  CLUSTER_HELD: {
    title: 'A managed cluster is run by a process that is not the supervisor of this fleet',
    remedy: 'End that process by hand; the file `owner` in the folder of the cluster names it.',
  },
  DEMO_RUNNING: {
    title: 'The clusters of the demo run already',
    remedy: 'End them with: kmc down -f .kmc/demo/fleet.yaml',
  },
  DEMO_FAILOVER_REFUSED: {
    title: 'The failover of the demo was refused',
    remedy: 'Run the demo again, for longer; a machine that is very busy may need it.',
  },
  DEMO_ROUTE_CLOSED: {
    title: 'The route of the demo did not open in time',
    remedy: 'See .kmc/demo/.kmc/logs; `kmc doctor` looks at the machine.',
  },
  LINKS_NOT_ACTIVE: {
    title: 'The fleet was started, and not all of its links work yet',
    remedy: 'The supervisor goes on trying; see the faults above, and kmc status --watch.',
  },
  INTERNAL: {
    title: 'A bug in kmc: an error that nobody expected',
    remedy: 'Run it again with --debug and report the output together with that of: kmc doctor -o json',
  },
} as const

type CliErrorCode = keyof typeof cliErrors

/** An error of the command line; the remedy of the table stands in where none is given. */
export function cliError(code: CliErrorCode, message: string, options: ErrorOptions = {}): KmcError {
  return new KmcError(code, message, { remedy: cliErrors[code].remedy, ...options })
}

/** Wrong use: exit code 2. */
export function usageError(message: string, remedy?: string): KmcError {
  return cliError('USAGE', message, remedy === undefined ? {} : { remedy })
}
