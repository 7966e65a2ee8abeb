/** One place where two values are not the same. A side that has nothing there is undefined. */
export interface Change {
  /** `properties.headers.retries`, `subscriptions[0].qos`; empty for the whole. */
  readonly path: string
  readonly a: unknown
  readonly b: unknown
}

/** Where two values of JSON differ, in the order of their members. No more than `most`. */
export function changes(a: unknown, b: unknown, most = 20): Change[] {
  const found: Change[] = []
  compare(a, b, '', found, most)
  return found
}

function compare(a: unknown, b: unknown, path: string, found: Change[], most: number): void {
  if (found.length >= most || a === b) return
  if (!isObject(a) || !isObject(b) || Array.isArray(a) !== Array.isArray(b)) {
    if (!Object.is(a, b)) found.push({ path, a, b })
    return
  }
  const list = Array.isArray(a)
  for (const name of new Set([...Object.keys(a), ...Object.keys(b)])) {
    compare(a[name], b[name], list ? `${path}[${name}]` : path === '' ? name : `${path}.${name}`, found, most)
  }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
