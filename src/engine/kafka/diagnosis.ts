/** Why a broker ended, as far as its last output tells. */
export type Diagnosis = {
  readonly cause: DiagnosisCause
  /** One sentence without a full stop. */
  readonly text: string
}

export type DiagnosisCause =
  | 'PORT_TAKEN'
  | 'OUT_OF_MEMORY'
  | 'WRONG_JAVA'
  | 'FOREIGN_DATA'
  | 'DAMAGED_DATA'
  | 'DATA_IN_USE'
  | 'DISK_FULL'
  | 'NO_PERMISSION'
  | 'BAD_CONFIG'
  | 'NEWER_DATA'
  | 'UNKNOWN'

/** What the operator can do about each cause. */
export const diagnosisRemedies: Readonly<Record<DiagnosisCause, string>> = {
  PORT_TAKEN: 'Stop the process that holds the port, or give the cluster another `port:` in the fleet file.',
  OUT_OF_MEMORY: 'Give the brokers more memory with `heap:`, or free some on this machine.',
  WRONG_JAVA: 'Set JAVA_HOME to a Java that this Kafka supports, or correct the JVM options.',
  FOREIGN_DATA: 'Put the right data directory back, or move this one away.',
  DAMAGED_DATA:
    'Restore the data directory from a copy, or move it away; with several brokers it is filled again.',
  DATA_IN_USE: 'Stop the other broker that works on these data.',
  DISK_FULL: 'Free space on the disk, then start the cluster again.',
  NO_PERMISSION: 'Give the user that runs kmc the right to use the file.',
  BAD_CONFIG: "Correct the setting in the cluster's `config:`.",
  NEWER_DATA: 'Choose the Kafka version that wrote the data or a newer one.',
  UNKNOWN: 'Read the log that the message names.',
}

const QUOTE_CHARACTERS_MAX = 300
const LINES_SHOWN_MAX = 12

type Sign = {
  readonly pattern: RegExp
  readonly cause: DiagnosisCause
  readonly text: (match: RegExpExecArray) => string
}

/** Texts of Kafka 3.9 to 4.3 and of OpenJDK; the first that is found decides. */
const signs: readonly Sign[] = [
  {
    pattern: /Socket server failed to bind to \S*?:(\d+)|Address already in use/,
    cause: 'PORT_TAKEN',
    text: ([, port]) => (port === undefined ? 'a port that it needs is taken' : `port ${port} is taken`),
  },
  {
    pattern: /No space left on device|Disk quota exceeded/,
    cause: 'DISK_FULL',
    text: () => 'the disk is full',
  },
  {
    pattern:
      /OutOfMemoryError|insufficient memory for the Java|Could not reserve enough space|Too small \w+ heap/,
    cause: 'OUT_OF_MEMORY',
    text: () => 'it ran out of memory',
  },
  {
    pattern: /UnsupportedClassVersionError|Unrecognized VM option '([^']*)'/,
    cause: 'WRONG_JAVA',
    text: ([, option]) =>
      option === undefined ? 'this Java is too old for it' : `this Java does not know the option ${option}`,
  },
  {
    pattern: /Failed to acquire lock on file (\S+)/,
    cause: 'DATA_IN_USE',
    text: ([, file]) => `another broker works on its data (lock ${file})`,
  },
  {
    pattern:
      /InconsistentClusterIdException|Invalid cluster\.id in[^\n]*|Stored [\w. ]+ \d+ doesn't match[^\n]*/,
    cause: 'FOREIGN_DATA',
    text: ([found]) => `its data belong to another cluster or node (${found})`,
  },
  {
    pattern: /No `meta\.properties` found in|No readable meta\.properties files found/,
    cause: 'DAMAGED_DATA',
    text: () => 'its data directory is damaged: meta.properties is missing',
  },
  {
    pattern:
      /[Uu]nsupported[^\n]*(?:metadata\.version|feature level)[^\n]*|No MetadataVersion with feature \S+ \d+/,
    cause: 'NEWER_DATA',
    text: ([found]) => `its data were written by a newer Kafka (${found})`,
  },
  {
    pattern: /(?:AccessDeniedException|Permission denied)[^\n]*/,
    cause: 'NO_PERMISSION',
    text: ([found]) => `a file may not be used: ${found}`,
  },
  {
    pattern: /ConfigException: ([^\n]*)|IllegalArgumentException: (requirement failed: [^\n]*)/,
    cause: 'BAD_CONFIG',
    text: ([, first, second]) => `a broker setting is wrong: ${first ?? second}`,
  },
  {
    pattern: /CorruptRecordException[^\n]*|KafkaStorageException: [^\n]*|Found directory [^\n]*/,
    cause: 'DAMAGED_DATA',
    text: ([found]) => `its data are damaged: ${found}`,
  },
]

/**
 * Finds the cause in what a broker wrote before it ended; the innermost exception where no cause is
 * recognised.
 */
export function diagnose(output: string): Diagnosis {
  for (const { pattern, cause, text } of signs) {
    const match = pattern.exec(output)
    if (match !== null) return { cause, text: shortened(text(match)) }
  }
  const exceptions = output.match(/^(?:Caused by: )?[\w.$]+(?:Exception|Error)(?:: .*)?$/gm) ?? []
  const innermost = exceptions.findLast((line) => line.startsWith('Caused by: ')) ?? exceptions.at(-1)
  if (innermost === undefined) return { cause: 'UNKNOWN', text: 'its log does not say why' }
  return { cause: 'UNKNOWN', text: shortened(`its log says: ${innermost}`) }
}

/**
 * The last lines of a log that tell something: without stack frames, and without the routine that a broker
 * still logs while it shuts down, unless there is nothing else.
 */
export function telling(log: string): string[] {
  const lines = log
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^\s+(?:at |\.\.\. \d+ more)/.test(line))
  const unusual = lines.filter((line) => !/^\S+ (?:INFO|DEBUG) /.test(line))
  return (unusual.length > 0 ? unusual : lines).slice(-LINES_SHOWN_MAX).map(shortened)
}

function shortened(text: string): string {
  return text.length <= QUOTE_CHARACTERS_MAX ? text : `${text.slice(0, QUOTE_CHARACTERS_MAX)}…`
}
