import type { Reader, Severity } from '../core/index.ts'

/** Reports something about all that was read since `start`, which the reader's own position then was. */
export function flagFrom(
  reader: Reader,
  start: number,
  severity: Severity,
  code: string,
  message: string,
  rule?: string,
): void {
  reader.flag(severity, code, message, rule, reader.offset - (reader.position - start), reader.offset)
}
