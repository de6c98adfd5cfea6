import type { ErrorCode } from 'yaml'

/**
 * Our own words for each error of the `yaml` package. Its own texts can quote the file, and a quoted value could be a
 * password, so they are never shown.
 */
export const yamlMessages: Readonly<Record<ErrorCode, string>> = {
  ALIAS_PROPS: 'an alias (*name) cannot have an anchor or a tag',
  BAD_ALIAS: 'a bare * begins a YAML alias; put patterns in quotes: "*"',
  BAD_DIRECTIVE: 'this % directive is not known',
  BAD_DQ_ESCAPE: 'this \\ escape is not known; use single quotes for text with backslashes',
  BAD_INDENT: 'the indentation is wrong, or a bracket or brace is not closed',
  BAD_PROP_ORDER: 'anchors and tags must stand before the value',
  BAD_SCALAR_START: 'text cannot begin with this character; put it in quotes',
  BLOCK_AS_IMPLICIT_KEY: 'a second `key: value` on one line; begin a new line or use { }',
  BLOCK_IN_FLOW: 'inside [ ] and { } use commas, not indented blocks',
  DUPLICATE_KEY: 'this key was given before',
  IMPOSSIBLE: 'this cannot be read as YAML',
  KEY_OVER_1024_CHARS: 'this key is longer than 1024 characters',
  MISSING_CHAR: 'a closing quote, bracket, comma or colon is missing here',
  MULTILINE_IMPLICIT_KEY: 'a key must stand on one line and end with a colon',
  MULTIPLE_ANCHORS: 'a value can have one anchor only',
  MULTIPLE_DOCS: 'a fleet file is one YAML document; remove the second `---`',
  MULTIPLE_TAGS: 'a value can have one tag only',
  NON_STRING_KEY: 'keys must be plain text',
  RESOURCE_EXHAUSTION: 'this is nested too deeply',
  TAB_AS_INDENT: 'YAML does not allow tabs as indentation; use spaces',
  TAG_RESOLVE_FAILED: 'a bare ! begins a YAML tag; put patterns in quotes: "!name"',
  UNEXPECTED_TOKEN: 'this character is not expected here; text with special characters needs quotes',
  BAD_COLLECTION_TYPE: 'this tag does not fit the value',
}
