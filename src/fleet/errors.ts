import { type ErrorOptions, KmcError } from '../base/error.ts'

/** Every code the fleet raises, with what the operator can do. docs/reference/errors.md is generated from it. */
export const fleetErrors = {
  FLEET_FILE_MISSING: {
    title: 'There is no fleet file at the place named',
    remedy: 'Run `kmc init dr` to write one here, or name another with -f FILE.',
  },
  FLEET_FILE_UNREADABLE: {
    title: 'The fleet file is there but cannot be read',
    remedy: 'Check that it is a regular file and that you may read it.',
  },
  FLEET_FILE_INVALID: {
    title: 'The fleet file has problems; each is named with line and column',
    remedy: 'Correct the lines named; docs/reference/fleet-file.md lists every key.',
  },
  SECRET_UNAVAILABLE: {
    title: 'A secret that the fleet file refers to cannot be read',
    remedy: 'Set the environment variable, or make the file readable for you alone (chmod 600).',
  },
  FLEET_RECORD_INVALID: {
    title: 'The record of what was applied last (.kmc/fleet.json) is damaged',
    remedy: 'Move the file away; the next plan is then made from what is found running.',
  },
  FLEET_FOLDER_TAKEN: {
    title: 'The folder of the fleet file holds the clusters and records of another fleet',
    remedy:
      'Put each fleet file into a folder of its own; a fleet that got another name keeps its folder by the old one.',
  },
  PLAN_FILE_MISSING: {
    title: 'There is no saved plan at the place named',
    remedy: 'Save one with `kmc plan --out FILE`.',
  },
  PLAN_FILE_INVALID: {
    title: 'The saved plan was not written by this version of kmc, or was changed by hand',
    remedy: 'Make it again with `kmc plan --out FILE`.',
  },
  PLAN_OUT_OF_DATE: {
    title: 'What the saved plan rests on has changed since it was made',
    remedy: 'Look at the differences and make a new plan with `kmc plan --out FILE`.',
  },
  PLAN_REFUSED: {
    title: 'The plan contains something that would lose or mix data, so nothing of it is applied',
    remedy: 'Follow the remedy that stands beside each refusal.',
  },
  CLUSTER_UNREACHABLE: {
    title: 'A cluster that a change needs does not answer',
    remedy: 'Check its address and that it runs; `kmc doctor` tries every step of the connection.',
  },
  CLUSTERS_ARE_ONE: {
    title: 'Two clusters of the fleet file are the same cluster under two addresses',
    remedy: 'Remove one of them; a link between them would be a link to itself.',
  },
  MIRROR_CONFLICT: {
    title: 'Two links would write the same mirror',
    remedy: 'Give one of the links a prefix, or narrow its topics.',
  },
  CHANGE_NEEDS_NEW_CLUSTER: {
    title: 'A managed cluster cannot be changed in this way while it keeps its data',
    remedy: 'Declare it under a new name and link the old one to it.',
  },
  CLUSTER_NOT_RUNNING: {
    title: 'A managed cluster does not run',
    remedy: 'Start the fleet with `kmc up`.',
  },
  WORKER_ENDED: {
    title: 'The worker of a link ended by itself',
    remedy: 'It is started again by itself; its log under .kmc/logs says more.',
  },
  WORKER_SILENT: {
    title: 'The worker of a link runs and says nothing',
    remedy: 'It is killed and started again by itself; its log under .kmc/logs says more.',
  },
  BROKER_AWAY: {
    title: 'A broker of a managed cluster does not work',
    remedy: 'It is started again by itself; its log under .kmc/clusters says more.',
  },
  CLUSTER_NOT_MANAGED: {
    title: 'Only clusters that kmc runs can be started and stopped by it',
    remedy: 'Start or stop the cluster where it runs.',
  },
  FLEET_ALREADY_RUNNING: {
    title: 'A supervisor of this fleet runs already',
    remedy: 'Look at it with `kmc status`, change it with `kmc apply`, or end it with `kmc down`.',
  },
  FLEET_NOT_RUNNING: {
    title: 'No supervisor of this fleet runs on this machine',
    remedy: 'Start it with `kmc up`, or in the background with `kmc up --detach`.',
  },
  FLEET_STOPPING: {
    title: 'The fleet is being stopped',
    remedy: 'Wait until `kmc down` is done, then start it again with `kmc up`.',
  },
  TEMPLATE_UNKNOWN: {
    title: 'There is no template of that name',
    remedy: 'Use one of: dr, active-active, geo, domains, leave-zookeeper.',
  },
  FLEET_FILE_EXISTS: {
    title: 'A fleet file stands there already and is never overwritten',
    remedy: 'Name another file with -f FILE, or move the old one away.',
  },
} as const

export type FleetErrorCode = keyof typeof fleetErrors

/** An error of this room; the table's remedy is used where the call names none. */
export function fleetError(code: FleetErrorCode, message: string, options: ErrorOptions = {}): KmcError {
  return new KmcError(code, message, { remedy: fleetErrors[code].remedy, ...options })
}
