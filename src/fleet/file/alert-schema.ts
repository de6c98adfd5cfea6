import { z } from 'zod'
import { type FactKind, factKinds, subjectNames } from '../../observe/alerts/fact.ts'
import { durationSchema } from './duration.ts'
import { fileReference, nameSchema, PORT_MAX, secretReference } from './word-schemas.ts'

const ENTRIES_MAX = 200
const ADDRESSES_MAX = 50
const TEXT_MAX = 500

const severity = z.enum(['warning', 'critical'])
const text = z.string().min(1).max(TEXT_MAX)
const pattern = z
  .string()
  .regex(/^[^\p{Cc}]{1,255}$/u, 'a name is 1 to 255 characters; * stands for any text')
const match = z.partialRecord(z.enum(subjectNames), pattern)
const labels = z.record(
  z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,62}$/, 'a label is letters, digits and _'),
  pattern,
)
const kinds = Object.keys(factKinds) as [FactKind, ...FactKind[]]

const alertRuleSchema = z
  .strictObject({
    on: z.enum(kinds).optional().meta({
      description: 'What it looks at, for a rule of your own (docs/guide/alerts.md lists all).',
      defaultText: 'as shipped',
    }),
    above: z.number().min(0).max(1e15).optional().meta({
      description: 'It holds while the value is greater than this.',
      defaultText: 'as shipped',
    }),
    for: durationSchema.optional().meta({
      description: 'How long it must hold before anybody is told: 30s, 5m.',
      defaultText: 'as shipped, or at once',
    }),
    clear: durationSchema.optional().meta({
      description: 'How long it must not hold before it counts as over.',
      defaultText: '`30s`',
    }),
    repeat: durationSchema.optional().meta({
      description: 'Told again after so long while it goes on.',
      defaultText: '`4h`',
    }),
    severity: severity.optional().meta({
      description: 'How bad it is: `warning` or `critical`.',
      defaultText: 'as shipped, or `warning`',
    }),
    title: text.optional().meta({ description: 'What is said when it fires.', defaultText: 'as shipped' }),
    remedy: text.optional().meta({ description: 'What to do then.', defaultText: 'as shipped' }),
    match: match.optional().meta({
      description: 'Of which `cluster`, `group`, `link` or `route` alone; `*` stands for any text.',
      defaultText: 'of all',
      examples: [{ cluster: 'prod-*', group: 'payments.*' }],
    }),
    labels: labels.optional().meta({
      description: 'Given along with its alerts; `tell` can go by them.',
      examples: [{ team: 'payments' }],
    }),
    enabled: z.boolean().default(true).meta({ description: 'Whether it counts.' }),
  })
  .meta({ title: 'A rule' })

const hookSchema = (kind: 'webhook' | 'slack') =>
  z.strictObject({
    kind: z.literal(kind).meta({ description: 'How it is told.' }),
    hook: secretReference.meta({
      description:
        'Address that is posted to: env:NAME, or file:path (mode 0600), as it often holds a token.',
    }),
    authorization: secretReference.optional().meta({
      description: 'Sent as the header `Authorization`: env:NAME, or file:path (mode 0600).',
      defaultText: 'none',
    }),
  })

const mailSchema = z.strictObject({
  kind: z.literal('mail').meta({ description: 'How it is told.' }),
  host: z
    .string()
    .regex(/^[0-9a-zA-Z.:-]{1,253}$/, 'write a host name or an address')
    .meta({ description: 'The mail server.' }),
  port: z.int().min(1).max(PORT_MAX).default(587).meta({ description: 'Its port.' }),
  security: z.enum(['tls', 'starttls', 'none']).default('starttls').meta({
    description: '`tls` from the first byte (port 465), `starttls`, or `none`: in clear.',
  }),
  ca: fileReference.optional().meta({
    description: 'Authorities (PEM) to trust.',
    defaultText: 'the public ones that Node.js trusts',
  }),
  user: z.string().min(1).max(255).optional().meta({ description: 'User name there.', defaultText: 'none' }),
  password: secretReference.optional().meta({
    description: 'Password there: env:NAME, or file:path (mode 0600).',
    defaultText: 'none',
  }),
  from: z.string().min(3).max(254).meta({ description: 'Who it is from.' }),
  to: z.array(z.string().min(3).max(254)).min(1).max(ADDRESSES_MAX).meta({ description: 'Who gets it.' }),
})

const receiverSchemas = [hookSchema('webhook'), hookSchema('slack'), mailSchema] as const

const tellSchema = z
  .strictObject({
    to: z.array(nameSchema).min(1, 'at least one receiver').max(ENTRIES_MAX).meta({
      description: 'Names of receivers.',
    }),
    severity: severity.optional().meta({ description: 'Of this severity alone.', defaultText: 'of any' }),
    rules: z.array(nameSchema).min(1).max(ENTRIES_MAX).optional().meta({
      description: 'Of these rules alone.',
      defaultText: 'of any',
    }),
    match: match.optional().meta({
      description: 'About this `cluster`, `group`, `link` or `route` alone; `*` stands for any text.',
      defaultText: 'about anything',
    }),
    labels: labels.optional().meta({ description: 'Of rules with these labels.', defaultText: 'any' }),
  })
  .meta({ title: 'Who is told of what' })

const fewer = <T extends z.ZodType>(values: T) =>
  z
    .record(nameSchema, values)
    .refine((entries) => Object.keys(entries).length <= ENTRIES_MAX, `at most ${ENTRIES_MAX}`)
    .default({})

export const alertsSchema = z.strictObject({
  rules: fewer(alertRuleSchema).meta({
    description: 'Rules by name: one that comes with kmc, to change it, or one of your own.',
    examples: [{ 'lag-growing': { for: '10m' }, drift: { enabled: false } }],
  }),
  receivers: fewer(z.discriminatedUnion('kind', receiverSchemas)).meta({
    description: 'Who can be told, by name: a webhook, Slack or what takes the same, mail.',
  }),
  tell: z.array(tellSchema).max(ENTRIES_MAX).default([]).meta({
    description: 'Who is told of what. An alert goes to all whom an entry that fits names.',
    defaultText: 'every receiver of every alert',
  }),
})

export type AlertsDeclaration = z.output<typeof alertsSchema>
export type RuleDeclaration = z.output<typeof alertRuleSchema>
export type ReceiverDeclaration = AlertsDeclaration['receivers'][string]

/** Keys by place, for words about unknown ones. */
export const alertKeys = {
  alerts: Object.keys(alertsSchema.shape),
  rules: Object.keys(alertRuleSchema.shape),
  receivers: [...new Set(receiverSchemas.flatMap(({ shape }) => Object.keys(shape)))],
  tell: Object.keys(tellSchema.shape),
} as const
