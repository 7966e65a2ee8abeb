import { type Change, changes } from './changes.ts'
import { type Difference, MOST_NUMBERS } from './difference.ts'
import type { ConnectionSeen } from './seen.ts'

type Pair = readonly [a: ConnectionSeen, b: ConnectionSeen]

/** Connections that are not in both, and what those that are in both agreed on otherwise. */
export function compareConnections(a: Iterable<ConnectionSeen>, b: Iterable<ConnectionSeen>): Difference[] {
  const left = new Map<string, ConnectionSeen[]>()
  for (const connection of b) listAt(left, connection.protocol).push(connection)
  const pairs: Pair[] = []
  const missing = new Map<string, ConnectionSeen[]>()
  for (const [protocol, connections] of byProtocol(a)) {
    const others = left.get(protocol) ?? []
    // Those that are the same first: the others are then in the order in which they were made.
    const rest = connections.filter(connection => {
      const at = others.findIndex(other => sameTerms(connection, other))
      if (at !== -1) others.splice(at, 1)
      return at === -1
    })
    for (const connection of rest) {
      const other = others.shift()
      if (other === undefined) listAt(missing, protocol).push(connection)
      else pairs.push([connection, other])
    }
  }
  return [...alone('missing', missing), ...alone('extra', left), ...changed(pairs)]
}

function byProtocol(connections: Iterable<ConnectionSeen>): Map<string, ConnectionSeen[]> {
  const map = new Map<string, ConnectionSeen[]>()
  for (const connection of connections) listAt(map, connection.protocol).push(connection)
  return map
}

function listAt<V>(map: Map<string, V[]>, key: string): V[] {
  let list = map.get(key)
  if (list === undefined) map.set(key, (list = []))
  return list
}

const sameTerms = (a: ConnectionSeen, b: ConnectionSeen): boolean => JSON.stringify(a.terms) === JSON.stringify(b.terms)

function* alone(
  change: 'missing' | 'extra',
  left: ReadonlyMap<string, readonly ConnectionSeen[]>,
): Iterable<Difference> {
  for (const [protocol, connections] of left) {
    if (connections.length === 0) continue
    const flows = connections.slice(0, MOST_NUMBERS).map(({ flow }) => flow)
    yield {
      section: 'connections',
      change,
      counts: true,
      protocol,
      subject: connections.length === 1 ? 'a connection' : `${connections.length} connections`,
      count: connections.length,
      ...(change === 'missing' ? { inA: flows } : { inB: flows }),
    }
  }
}

/** What many connections agreed on otherwise in the same way is told once. */
function changed(pairs: readonly Pair[]): Iterable<Difference> {
  const found = new Map<string, Difference & { count: number; inA: number[]; inB: number[] }>()
  for (const [a, b] of pairs) {
    for (const [subject, change] of termChanges(a, b)) {
      const key = JSON.stringify([a.protocol, subject, change])
      let seen = found.get(key)
      if (seen === undefined) {
        const about = { section: 'connections', change: 'changed', counts: true, protocol: a.protocol } as const
        seen = { ...about, subject, ...change, count: 0, inA: [], inB: [] }
        found.set(key, seen)
      }
      seen.count++
      if (seen.count > MOST_NUMBERS) continue
      seen.inA.push(a.flow)
      seen.inB.push(b.flow)
    }
  }
  return [...found.values()].sort((a, b) => (a.subject < b.subject ? -1 : a.subject > b.subject ? 1 : 0))
}

function* termChanges(a: ConnectionSeen, b: ConnectionSeen): Iterable<[type: string, Change]> {
  for (const type of new Set([...Object.keys(a.terms), ...Object.keys(b.terms)])) {
    const told = new Set<string>()
    for (const change of changes(a.terms[type], b.terms[type])) {
      // Some protocols' frames have a header twice: among all headers, and under its field's name.
      const same = JSON.stringify([change.path.split('.').at(-1), change.a, change.b])
      if (!told.has(same)) yield [type, change]
      told.add(same)
    }
  }
}
