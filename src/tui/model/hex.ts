/** Columns that `count` bytes take: offset, digits with a gap in the middle, characters. */
const widthOf = (count: number): number => OFFSET + 2 + count * 3 + 1 + count

export const OFFSET = 6

/** As many as there is room for, in eights: 8, 16, 32. */
export function bytesPerLine(width: number): number {
  for (const count of [32, 16]) if (width >= widthOf(count) + 1) return count
  return 8
}

/** The first line that is seen of `lines`, where the cursor's is to be among the `room` that are. */
export function hexTop(cursor: number, perLine: number, lines: number, room: number): number {
  const at = Math.floor(cursor / perLine)
  return Math.max(0, Math.min(at - (room >> 1), lines - room))
}
