import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findJars, KAFKA_VERSIONS } from './find-jars.ts'
import { generate } from './generate.ts'

// Usage: node src/wire/generate/main.ts [path/kafka-clients-3.9.2.jar] [path/kafka-clients-4.3.1.jar]
const root = fileURLToPath(new URL('../../../', import.meta.url))
const jars = findJars(process.argv.slice(2))
const files = generate(jars.get(KAFKA_VERSIONS[0])!, jars.get(KAFKA_VERSIONS[1])!)

for (const folder of ['src/wire/apis', 'src/wire/data']) {
  mkdirSync(join(root, folder), { recursive: true })
  for (const name of readdirSync(join(root, folder))) {
    if (!files.has(`${folder}/${name}`)) rmSync(join(root, folder, name))
  }
}
for (const [path, text] of files) {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}
console.log(`${files.size} files written from ${[...jars.values()].join(' and ')}`)
