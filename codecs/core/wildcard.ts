/** A pattern that is none. */
export class WildcardError extends Error {}

/**
 * What a pattern with wildcards matches, as the protocols have them.
 *
 * With `/` or a whole-level `+` in it, it is a topic filter of MQTT [4.7]: `+` is one level, `#` at the end any number
 * of them, also none, and neither of the two stands for a topic that begins with `$` at its first level. Else it is a
 * binding key of AMQP [0-9-1 3.1.3.3]: words with dots between, `*` one of them, `#` any number, anywhere.
 */
export function wildcard(pattern: string): (text: string) => boolean {
  return pattern.includes('/') || pattern === '+' ? topicFilter(pattern) : bindingKey(pattern)
}

/** Of MQTT [4.7]. Throws a `WildcardError`. */
export function topicFilter(pattern: string): (topic: string) => boolean {
  const levels = pattern.split('/')
  for (const [at, level] of levels.entries()) {
    if (level.length > 1 && /[+#]/.test(level)) throw new WildcardError('+ and # stand for whole levels')
    if (level === '#' && at < levels.length - 1) throw new WildcardError('# is the last level')
  }
  const open = levels.at(-1) === '#'
  const fixed = open ? levels.slice(0, -1) : levels
  const startsWild = levels[0] === '+' || levels[0] === '#'
  return topic => {
    if (startsWild && topic.startsWith('$')) return false
    let from = 0
    for (const [at, level] of fixed.entries()) {
      // Past the end of the topic there are no more levels.
      if (from > topic.length) return false
      const slash = topic.indexOf('/', from)
      const end = slash < 0 ? topic.length : slash
      if (level !== '+' && (end - from !== level.length || !topic.startsWith(level, from))) return false
      from = end + 1
      if (at === fixed.length - 1) return open || end === topic.length
    }
    return open
  }
}

/** Of AMQP [0-9-1 3.1.3.3]. Throws a `WildcardError`. */
export function bindingKey(pattern: string): (key: string) => boolean {
  const wanted = pattern.split('.')
  for (const word of wanted) {
    if (word.length > 1 && /[*#]/.test(word)) throw new WildcardError('* and # stand for whole words')
  }
  if (!/[*#]/.test(pattern)) return key => key === pattern
  // Going back to the last `#` only is enough: what it took more, an earlier one could have taken.
  return key => {
    const words = key === '' ? [] : key.split('.')
    let at = 0
    let here = 0
    let hash = -1
    let taken = 0
    while (at < words.length) {
      if (wanted[here] === '#') {
        hash = here++
        taken = at
      } else if (here < wanted.length && (wanted[here] === '*' || wanted[here] === words[at])) {
        here++
        at++
      } else if (hash >= 0) {
        here = hash + 1
        at = ++taken
      } else return false
    }
    while (wanted[here] === '#') here++
    return here === wanted.length
  }
}
