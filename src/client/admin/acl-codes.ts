/** Two-way table between Kafka's numbers and words. */
class CodeTable<Word extends string> {
  readonly #codes: ReadonlyMap<Word, number>
  readonly #words: ReadonlyMap<number, Word>

  constructor(codes: Readonly<Record<Word, number>>) {
    const entries = Object.entries(codes) as [Word, number][]
    this.#codes = new Map(entries)
    this.#words = new Map(entries.map(([word, code]) => [code, word]))
  }

  code(word: Word): number {
    return this.#codes.get(word)!
  }

  /** Null for a number that came with a newer Kafka. */
  word(code: number): Word | null {
    return this.#words.get(code) ?? null
  }
}

/** org.apache.kafka.common.resource.ResourceType */
export type AclResourceType = 'topic' | 'group' | 'cluster' | 'transactional-id' | 'delegation-token' | 'user'

/** org.apache.kafka.common.resource.PatternType; only these two are stored. */
export type AclPatternType = 'literal' | 'prefixed'

/** org.apache.kafka.common.acl.AclOperation */
export type AclOperation =
  | 'all'
  | 'read'
  | 'write'
  | 'create'
  | 'delete'
  | 'alter'
  | 'describe'
  | 'cluster-action'
  | 'describe-configs'
  | 'alter-configs'
  | 'idempotent-write'
  | 'create-tokens'
  | 'describe-tokens'
  | 'two-phase-commit'

/** org.apache.kafka.common.acl.AclPermissionType */
export type AclPermission = 'allow' | 'deny'

/** For filters; a pattern filter `match` finds every entry that applies to the name. */
export type AclAny<Word> = Word | 'any'

export const aclResourceTypes = new CodeTable<AclAny<AclResourceType>>({
  any: 1,
  topic: 2,
  group: 3,
  cluster: 4,
  'transactional-id': 5,
  'delegation-token': 6,
  user: 7,
})

export const aclPatternTypes = new CodeTable<AclAny<AclPatternType> | 'match'>({
  any: 1,
  match: 2,
  literal: 3,
  prefixed: 4,
})

export const aclOperations = new CodeTable<AclAny<AclOperation>>({
  any: 1,
  all: 2,
  read: 3,
  write: 4,
  create: 5,
  delete: 6,
  alter: 7,
  describe: 8,
  'cluster-action': 9,
  'describe-configs': 10,
  'alter-configs': 11,
  'idempotent-write': 12,
  'create-tokens': 13,
  'describe-tokens': 14,
  'two-phase-commit': 15,
})

export const aclPermissions = new CodeTable<AclAny<AclPermission>>({ any: 1, deny: 2, allow: 3 })
