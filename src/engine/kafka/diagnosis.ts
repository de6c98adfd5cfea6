/** Why a broker ended, as far as its last output tells. */
export type Diagnosis = {
  readonly cause:
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
  /** One sentence without a full stop. */
  readonly text: string
}

type Sign = {
  readonly pattern: RegExp
  readonly cause: Diagnosis['cause']
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
      /OutOfMemoryError|insufficient memory for the Java Runtime|Could not reserve enough space|Too small (?:initial|maximum) heap/,
    cause: 'OUT_OF_MEMORY',
    text: () => 'it ran out of memory (give it more with `heapMiB`, or free some on this machine)',
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
    pattern: /Invalid cluster\.id in: (\S+?)\. Expected (\S+?), but read (\S+)/,
    cause: 'FOREIGN_DATA',
    text: ([, file, expected, read]) => `its data belong to cluster ${read}, not ${expected} (${file})`,
  },
  {
    pattern:
      /InconsistentClusterIdException|Stored node id \d+ doesn't match[^\n]*|Stored broker\.id \d+ doesn't match[^\n]*/,
    cause: 'FOREIGN_DATA',
    text: ([found]) => `its data belong to another cluster or node (${found})`,
  },
  {
    pattern: /No `meta\.properties` found in (\S+)|No readable meta\.properties files found/,
    cause: 'DAMAGED_DATA',
    text: () => 'its data directory is damaged: meta.properties is missing',
  },
  {
    pattern:
      /(?:Unsupported|unsupported)[^\n]*(?:metadata\.version|feature level|MetadataVersion)[^\n]*|No MetadataVersion with feature level \d+/,
    cause: 'NEWER_DATA',
    text: ([found]) => `its data were written by a newer Kafka (${found})`,
  },
  {
    pattern: /(?:AccessDeniedException|Permission denied)[^\n]*/,
    cause: 'NO_PERMISSION',
    text: ([found]) => `a file may not be used: ${found}`,
  },
  {
    pattern:
      /ConfigException: ([^\n]*)|IllegalArgumentException: (requirement failed: [^\n]*)|IllegalArgumentException: ([^\n]*config[^\n]*)/,
    cause: 'BAD_CONFIG',
    text: ([, first, second, third]) => `a broker setting is wrong: ${first ?? second ?? third}`,
  },
  {
    pattern: /CorruptRecordException[^\n]*|KafkaStorageException: [^\n]*|Found directory [^\n]*/,
    cause: 'DAMAGED_DATA',
    text: ([found]) => `its data are damaged: ${found}`,
  },
]

/** Finds the cause in what a broker wrote before it ended. */
export function diagnose(output: string): Diagnosis {
  for (const { pattern, cause, text } of signs) {
    const match = pattern.exec(output)
    if (match !== null) return { cause, text: text(match) }
  }
  return { cause: 'UNKNOWN', text: 'its log does not say why in words that kmc knows' }
}
