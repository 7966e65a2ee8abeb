/** A protocol's codes and their names, both ways. */
export interface CodeTable<Name extends string = string> {
  /** The name of a code, or undefined where the specification has none. */
  name(code: number): Name | undefined
  code(name: string): number | undefined
  readonly names: readonly Name[]
}

/** Makes a table of `{ code: name }`. A name listed under several codes answers with the first. */
export function codeTable<const Name extends string>(entries: Readonly<Record<number, Name>>): CodeTable<Name> {
  const byCode = new Map<number, Name>()
  const byName = new Map<string, number>()
  for (const [key, name] of Object.entries(entries)) {
    byCode.set(Number(key), name)
    if (!byName.has(name)) byName.set(name, Number(key))
  }
  return {
    name: code => byCode.get(code),
    code: name => byName.get(name),
    names: [...byName.keys()] as Name[],
  }
}
