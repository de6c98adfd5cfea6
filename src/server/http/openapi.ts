import { z } from 'zod'
import { namesIn, type Route, route } from './route.ts'

/** OpenAPI 3.1 of a table of routes, from the schemas that check each request. */
function openApi(routes: readonly Route[], version: string): object {
  const paths: Record<string, Record<string, object>> = {}
  for (const row of routes) {
    paths[row.path] ??= {}
    paths[row.path]![row.method.toLowerCase()] = operation(row)
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Kafka Multi Cluster', version },
    paths,
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
  }
}

/** The route that tells them all, this one included. */
export function openApiRoute(routes: readonly Route[]): Route {
  const self: Route = route({
    method: 'GET',
    path: '/openapi.json',
    tag: 'about',
    summary: 'This document',
    need: 'anyone',
    action: null,
    answer: z.unknown(),
    handle: ({ house }) => openApi([...routes, self], house.version),
  })
  return self
}

function operation({ tag, summary, need, path, params, query, body, answer }: Route): object {
  return {
    tags: [tag],
    summary,
    ...(need === 'anyone' ? {} : { security: [{ token: [] }], 'x-role': need.role, 'x-on': need.on }),
    parameters: [...parametersOf(params, 'path', namesIn(path)), ...parametersOf(query, 'query')],
    ...(body === null ? {} : { requestBody: { required: true, content: json(body, 'input') } }),
    responses: { 200: { description: 'done', content: json(answer, 'output') } },
  }
}

type JsonObject = {
  readonly properties?: Readonly<Record<string, object>>
  readonly required?: readonly string[]
}

function parametersOf(schema: z.ZodType, where: 'path' | 'query', names?: readonly string[]): object[] {
  const { properties = {}, required = [] } = jsonSchema(schema, 'input') as JsonObject
  return (names ?? Object.keys(properties)).map((name) => ({
    name,
    in: where,
    required: where === 'path' || required.includes(name),
    schema: properties[name] ?? { type: 'string' },
  }))
}

function json(schema: z.ZodType, io: 'input' | 'output'): object {
  return { 'application/json': { schema: jsonSchema(schema, io) } }
}

/** What a schema of zod cannot say in JSON Schema (a type of our own, a transformation) is left open. */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' })
  return rest
}
