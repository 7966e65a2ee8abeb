/** Of a shared subscription: `$share/group/filter` [4.8.2]. */
const SHARED = /^\$share\/[^/]+\//

/** Whether messages of `topic` are for who subscribed to `filter` [4.7]. */
export function matches(filter: string, topic: string): boolean {
  const wanted = filter.replace(SHARED, '').split('/')
  const levels = topic.split('/')
  // Wildcards do not stand for what servers keep for themselves [4.7.2].
  if (topic.startsWith('$') && (wanted[0] === '#' || wanted[0] === '+')) return false
  for (const [at, level] of wanted.entries()) {
    if (level === '#') return true
    if (at >= levels.length || (level !== '+' && level !== levels[at])) return false
  }
  return wanted.length === levels.length
}
