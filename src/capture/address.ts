/** `127.0.0.1`, from the address as one 32-bit word. */
export function formatIPv4(word: number): string {
  return `${word >>> 24}.${(word >>> 16) & 255}.${(word >>> 8) & 255}.${word & 255}`
}

/** RFC 5952: lower case, no leading zeros, the longest run of zero groups as `::`. */
export function formatIPv6(w0: number, w1: number, w2: number, w3: number): string {
  if (w0 === 0 && w1 === 0 && w2 === 0xffff) return `::ffff:${formatIPv4(w3)}`
  const groups = [w0, w1, w2, w3].flatMap(word => [word >>> 16, word & 0xffff])
  let start = -1
  let length = 1
  for (let at = 0; at < 8; at++) {
    let end = at
    while (groups[end] === 0) end++
    if (end - at > length) {
      start = at
      length = end - at
    }
  }
  const text = (part: readonly number[]): string => part.map(group => group.toString(16)).join(':')
  return start < 0 ? text(groups) : `${text(groups.slice(0, start))}::${text(groups.slice(start + length))}`
}
