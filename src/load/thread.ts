/** The file that a thread runs: beside this one in the source, an entry of its own where all is built into chunks. */
export function threadFile(name: 'agent-thread' | 'ticker-thread'): URL {
  const here = import.meta.url
  return here.endsWith('.ts') ? new URL(`./${name}.ts`, here) : new URL(`../src/load/${name}.js`, here)
}
