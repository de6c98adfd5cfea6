import { z } from 'zod'
import { fleetSchema } from './schema.ts'

/** A JSON Schema (2020-12) as plain data. */
export type JsonSchema = { readonly [key: string]: unknown }

/** The fleet file for editors: completion, types and descriptions while typing. Made from the schema that judges it. */
export function fleetJsonSchema(): JsonSchema {
  const schema = described()
  return {
    $schema: schema.$schema,
    title: 'fleet.yaml',
    description: 'A fleet of Kafka clusters, the links between them and the routes to them, for kmc.',
    ...withoutKey(schema, 'defaultText'),
  }
}

/** The same with `defaultText`, the words for defaults that are no literal; the reference page is made from it. */
export function described(): JsonSchema {
  const schema = z.toJSONSchema(fleetSchema, {
    io: 'input',
    // What the loader takes as an empty section, an editor must not underline.
    override: ({ jsonSchema, path }) => {
      const place = path.join('/')
      if (place === 'properties/clusters/additionalProperties') {
        jsonSchema.anyOf = [
          ...(jsonSchema.anyOf ?? []),
          { type: 'null', title: 'A managed cluster with every default' },
        ]
      }
    },
  })
  return schema as JsonSchema
}

function withoutKey(schema: JsonSchema, key: string): JsonSchema {
  return JSON.parse(
    JSON.stringify(schema, (name, value: unknown) => (name === key ? undefined : value)),
  ) as JsonSchema
}
