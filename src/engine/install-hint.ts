import { accessSync, constants, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'

export type Installable = 'java' | 'maven'

/** What decides which command installs something on this machine. */
export type Machine = {
  readonly platform: NodeJS.Platform
  readonly root: boolean
  /** True when a program of this name is on the PATH. */
  readonly has: (program: string) => boolean
  /** The text of /etc/os-release, empty where there is none. */
  readonly osRelease: string
}

/**
 * The command that installs `what` with the package manager that is present, or undefined when none is known.
 */
export function installCommand(
  what: readonly Installable[],
  machine: Machine = thisMachine(),
): string | undefined {
  const sudo = machine.root || !machine.has('sudo') ? '' : 'sudo '
  for (const { program, command, packages, asUser } of managers) {
    if (!machine.has(program)) continue
    const names = what.map((one) => packages(one, machine)).join(' ')
    return `${asUser ? '' : sudo}${command} ${names}`
  }
  return undefined
}

type Manager = {
  readonly program: string
  readonly command: string
  readonly packages: (what: Installable, machine: Machine) => string
  readonly asUser?: boolean
}

const managers: readonly Manager[] = [
  {
    program: 'apt-get',
    command: 'apt-get install -y',
    packages: (what, machine) => (what === 'maven' ? 'maven' : debianJava(machine)),
  },
  {
    program: 'dnf',
    command: 'dnf install -y',
    packages: (what) => (what === 'maven' ? 'maven' : 'java-21-openjdk-headless'),
  },
  {
    program: 'apk',
    command: 'apk add',
    packages: (what) => (what === 'maven' ? 'maven' : 'openjdk21-jre-headless'),
  },
  {
    program: 'zypper',
    command: 'zypper install -y',
    packages: (what) => (what === 'maven' ? 'maven' : 'java-21-openjdk-headless'),
  },
  {
    program: 'pacman',
    command: 'pacman -S --noconfirm',
    packages: (what) => (what === 'maven' ? 'maven' : 'jre21-openjdk-headless'),
  },
  {
    program: 'brew',
    command: 'brew install',
    packages: (what) => (what === 'maven' ? 'maven' : 'openjdk@21'),
    asUser: true,
  },
]

/** Debian 13 has Java 21 and no 17; Debian 11 and 12 have 17 and no 21; every supported Ubuntu has both. */
function debianJava({ osRelease }: Machine): string {
  const field = (name: string) => new RegExp(`^${name}="?([^"\\n]*)"?$`, 'm').exec(osRelease)?.[1]
  const old = field('ID') === 'debian' && Number(field('VERSION_ID') ?? 13) < 13
  return old ? 'openjdk-17-jre-headless' : 'openjdk-21-jre-headless'
}

/** What this machine offers. */
function thisMachine(): Machine {
  const osRelease = process.platform === 'linux' ? textOf('/etc/os-release') : ''
  const has = (program: string) => findOnPath(program) !== undefined
  return { platform: process.platform, root: process.getuid?.() === 0, has, osRelease }
}

/** The full path of a program on the PATH, or undefined. */
export function findOnPath(program: string, path = process.env.PATH ?? ''): string | undefined {
  return path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, program))
    .find(isExecutable)
}

/** True for a file that this user may run. */
export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // Only a hint depends on it.
    return ''
  }
}
