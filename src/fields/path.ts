/** Follows a path into a JSON value. A list gives the values of its items, unless the path says which item. */
export function reach(value: unknown, path: readonly string[]): unknown {
  if (path.length === 0 || value === undefined || value === null) return value
  if (typeof value !== 'object') return undefined
  if (Array.isArray(value) && !/^\d+$/.test(path[0] as string)) {
    return value.map(item => reach(item, path)).filter(item => item !== undefined)
  }
  // Users' own keys may hold dots: the longest that is there is meant.
  for (let length = path.length; length > 0; length--) {
    const key = length === 1 ? (path[0] as string) : path.slice(0, length).join('.')
    if (Object.hasOwn(value, key)) return reach((value as Record<string, unknown>)[key], path.slice(length))
  }
  return undefined
}
