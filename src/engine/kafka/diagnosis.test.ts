import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { DiagnosisCause } from './diagnosis.ts'
import { diagnose, telling } from './diagnosis.ts'

/** What Kafka 3.9.2 and 4.3.1 and OpenJDK 17 really wrote. */
const outputs: readonly (readonly [DiagnosisCause, RegExp, string])[] = [
  [
    'PORT_TAKEN',
    /port 20401 is taken/,
    'KafkaException: Socket server failed to bind to 127.0.0.1:20401: Address already in use.',
  ],
  ['DISK_FULL', /disk is full/, 'java.io.IOException: No space left on device'],
  ['OUT_OF_MEMORY', /memory/, 'Terminating due to java.lang.OutOfMemoryError: Java heap space'],
  ['OUT_OF_MEMORY', /memory/, '# There is insufficient memory for the Java Runtime Environment to continue.'],
  [
    'WRONG_JAVA',
    /NoSuchThing/,
    "Unrecognized VM option 'NoSuchThing'\nError: Could not create the Java Virtual Machine.",
  ],
  [
    'WRONG_JAVA',
    /too old/,
    'java.lang.UnsupportedClassVersionError: kafka/Kafka has been compiled by a more recent version',
  ],
  [
    'DATA_IN_USE',
    /\/d\/\.lock/,
    'KafkaException: Failed to acquire lock on file /d/.lock in /d. A Kafka instance in another process',
  ],
  [
    'FOREIGN_DATA',
    /Invalid cluster\.id/,
    'java.lang.RuntimeException: Invalid cluster.id in: /d/meta.properties. Expected A, but read B',
  ],
  [
    'FOREIGN_DATA',
    /doesn't match/,
    "java.lang.RuntimeException: Stored node id 1 doesn't match previous node id 2 in /d/meta.properties.",
  ],
  [
    'DAMAGED_DATA',
    /meta\.properties/,
    'java.lang.RuntimeException: No `meta.properties` found in /d (have you run `kafka-storage.sh`?)',
  ],
  [
    'BAD_CONFIG',
    /num\.network\.threads/,
    'ConfigException: Invalid value many for configuration num.network.threads: Not a number of type INT',
  ],
  ['NO_PERMISSION', /\/d\/x/, 'java.nio.file.AccessDeniedException: /d/x'],
]

describe('diagnose', () => {
  for (const [cause, text, output] of outputs) {
    test(`${cause}: ${output.slice(0, 60)}`, () => {
      const found = diagnose(
        `2026-11-22T14:00:00.000Z INFO started (kafka.Kafka)\n${output}\n\tat kafka.Kafka.main`,
      )
      assert.equal(found.cause, cause)
      assert.match(found.text, text)
    })
  }

  test('gives the innermost exception where it knows no better', () => {
    const log =
      'java.lang.RuntimeException: outer\nCaused by: java.lang.ClassNotFoundException: nonsense.Class\n'
    const text = 'its log says: Caused by: java.lang.ClassNotFoundException: nonsense.Class'
    assert.deepEqual(diagnose(log), { cause: 'UNKNOWN', text })
    assert.equal(diagnose('all is well').text, 'its log does not say why')
  })

  test('quotes no novel', () => {
    assert.ok(diagnose(`ConfigException: ${'x'.repeat(10_000)}`).text.length < 400)
  })
})

describe('telling', () => {
  test('leaves out stack frames and the routine of a shutdown', () => {
    const log =
      'T INFO ending\nT ERROR it broke\n\tat a.b(C.java:1)\n\t... 5 more\n\nCaused by: x\nT INFO done\n'
    assert.deepEqual(telling(log), ['T ERROR it broke', 'Caused by: x'])
  })

  test('shows the routine where there is nothing else', () => {
    assert.deepEqual(telling('T INFO one\nT INFO two\n'), ['T INFO one', 'T INFO two'])
  })
})
