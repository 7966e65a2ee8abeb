/** Tells whoever runs it: what happened, and what to do next. */
export function tell(what: string, next?: string): void {
  process.stderr.write(`mqinspect: ${what}\n${next === undefined ? '' : `${next}\n`}`)
}
