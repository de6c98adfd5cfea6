import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { KmcError } from '../../base/error.ts'
import { loadFleet } from './load.ts'
import { type TemplateName, templateNamed, templates, writeTemplate } from './templates.ts'

const EXAMPLES = fileURLToPath(new URL('../../../examples/', import.meta.url))
const names = Object.keys(templates) as TemplateName[]

let directory = ''
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kmc-templates-'))
})
after(() => rm(directory, { recursive: true, force: true }))

test('every example is a template, and every template an example', async () => {
  const files = (await readdir(EXAMPLES)).filter((name) => name.endsWith('.yaml'))
  assert.deepEqual(files.sort(), names.map((name) => `${name}.yaml`).sort())
})

for (const name of names) {
  test(`kmc init ${name} writes a file that is right and leads an editor to the schema`, async () => {
    const path = join(directory, `${name}.yaml`)
    await writeTemplate(name, path)
    const { fleet, remarks } = await loadFleet(path)
    assert.equal(fleet.name, name)
    assert.ok(Object.keys(fleet.links).length > 0)
    assert.deepEqual(remarks, [])
    const [header] = (await readFile(path, 'utf8')).split('\n')
    const schema = /^# yaml-language-server: \$schema=(.+)$/.exec(header ?? '')?.[1]
    const target = resolve(dirname(path), schema ?? '')
    assert.match(await readFile(target, 'utf8'), /"title": "fleet.yaml"/)
  })
}

test('the pattern of each example is what its name says', async () => {
  const links = async (name: TemplateName) => (await loadFleet(join(EXAMPLES, `${name}.yaml`))).fleet.links
  assert.deepEqual((await links('active-active')).east?.excluded, ['us.*'])
  assert.deepEqual((await links('dr')).dr?.topics, ['*'])
  assert.equal(Object.keys(await links('geo')).length, 4)
  const { fleet } = await loadFleet(join(EXAMPLES, 'leave-zookeeper.yaml'))
  const { old } = fleet.clusters
  assert.deepEqual(old?.kind === 'managed' && old.kafka, { version: '3.9.2' })
})

test('a file that is there is never written over', async () => {
  const path = join(directory, 'dr.yaml')
  const before = await readFile(path, 'utf8')
  await assert.rejects(
    writeTemplate('geo', path),
    (error) => error instanceof KmcError && error.code === 'FLEET_FILE_EXISTS',
  )
  assert.equal(await readFile(path, 'utf8'), before)
})

test('an unknown template is answered with the nearest', () => {
  assert.equal(templateNamed('geo'), 'geo')
  assert.throws(() => templateNamed('activ-active'), /did you mean active-active/)
  assert.throws(() => templateNamed('constructor'), /no template/)
})
