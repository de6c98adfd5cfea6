import { apiFileName, dataFileName, emitApi, emitData, emitIndex, type MergedApi } from './emit-files.ts'
import { emitMatrix } from './emit-matrix.ts'
import { type MergedMessage, mergeMessages } from './merge.ts'
import { type MessageSpec, readSpecs } from './spec.ts'

type Specs = ReadonlyMap<string, MessageSpec>

/**
 * Generates everything from the kafka-clients jars of two releases: file contents by path, relative to the
 * project. Pure apart from reading the jars, so a test can compare it with what is in the tree.
 */
export function generate(olderJar: string, newerJar: string): Map<string, string> {
  const older = readSpecs(olderJar)
  const newer = readSpecs(newerJar)
  const apis = mergeApis(older, newer)
  const data = mergeData(older, newer)
  const files = new Map<string, string>()
  for (const api of apis) files.set(`src/wire/apis/${apiFileName(api)}`, emitApi(api))
  for (const message of data) files.set(`src/wire/data/${dataFileName(message.spec.name)}`, emitData(message))
  files.set('src/wire/apis/index.ts', emitIndex(apis))
  files.set('docs/reference/protocol.md', emitMatrix(apis, data))
  return files
}

function mergeApis(older: Specs, newer: Specs): MergedApi[] {
  const keys = new Set([...older.values(), ...newer.values()].map((spec) => spec.apiKey))
  const apis: MergedApi[] = []
  for (const key of [...keys].filter((candidate) => candidate !== undefined).sort((a, b) => a - b)) {
    const before = findApi(older, key)
    const after = findApi(newer, key)
    // Kafka states instability on the request only; it holds for both directions.
    const unstable = {
      older: before?.request.unstableLatest === true,
      newer: after?.request.unstableLatest === true,
    }
    const request = mergeMessages(before?.request, after?.request, unstable)
    const response = mergeMessages(before?.response, after?.response, unstable)
    if (request === undefined || response === undefined) continue
    const name = request.spec.name.replace(/Request$/, '')
    const { versions, spec } = request
    if (versions.from !== response.versions.from || versions.to !== response.versions.to) {
      throw new Error(`${name}: request and response differ in versions`)
    }
    const { older: spokenBefore, newer: spokenAfter } = request
    apis.push({
      key,
      name,
      versions,
      flexibleFrom: spec.flexibleFrom,
      older: spokenBefore,
      newer: spokenAfter,
      request,
      response,
    })
  }
  return apis
}

function findApi(specs: Specs, key: number): { request: MessageSpec; response: MessageSpec } | undefined {
  const messages = [...specs.values()].filter((spec) => spec.apiKey === key)
  const request = messages.find((spec) => spec.kind === 'request')
  const response = messages.find((spec) => spec.kind === 'response')
  return request === undefined || response === undefined ? undefined : { request, response }
}

function mergeData(older: Specs, newer: Specs): MergedMessage[] {
  const names = new Set([...older, ...newer].filter(([, spec]) => spec.kind === 'data').map(([name]) => name))
  const stable = { older: false, newer: false }
  return [...names]
    .sort()
    .map((name) => mergeMessages(older.get(name), newer.get(name), stable))
    .filter((message) => message !== undefined)
}
