import type { Look } from '../kit/text.ts'

/** What is told of a row: named values, some of them groups, some with a place in the row's bytes. */
export interface Tree {
  readonly name: string
  /** On one line, printable. */
  readonly value?: string | undefined
  readonly look?: Look | undefined
  /** Bytes of the row, `end` exclusive. */
  readonly start?: number | undefined
  readonly end?: number | undefined
  /** Bits of the one byte. */
  readonly mask?: number | undefined
  readonly children?: readonly Tree[] | undefined
  /** Not unfolded before somebody asks. */
  readonly folded?: boolean
}

/** A line of the tree as it is unfolded. */
export interface Twig {
  /** Names from the root, with the place among siblings of the same name: the same field of the next row has the same. */
  readonly path: string
  readonly depth: number
  readonly tree: Tree
  readonly open: boolean
}

/** Whether a group was folded or unfolded by hand, by its path. */
export type Folds = Readonly<Record<string, boolean>>

/** The lines of a forest, parents before children, without those that are folded away. */
export function twigs(forest: readonly Tree[], folds: Folds): Twig[] {
  const found: Twig[] = []
  collect(forest, '', 0, folds, found)
  return found
}

function collect(forest: readonly Tree[], under: string, depth: number, folds: Folds, found: Twig[]): void {
  const seen = new Map<string, number>()
  for (const tree of forest) {
    const again = seen.get(tree.name) ?? 0
    seen.set(tree.name, again + 1)
    const path = `${under}/${tree.name}${again === 0 ? '' : `#${again}`}`
    const open = tree.children !== undefined && (folds[path] ?? tree.folded !== true)
    found.push({ path, depth, tree, open })
    if (open) collect(tree.children ?? [], path, depth + 1, folds, found)
  }
}

/** The innermost twig that holds the byte at `offset`. */
export function twigAt(lines: readonly Twig[], offset: number): Twig | undefined {
  let best: Twig | undefined
  for (const twig of lines) {
    const { start, end } = twig.tree
    if (start === undefined || end === undefined || offset < start || offset >= end) continue
    const wider = best === undefined ? 1 : (best.tree.end as number) - (best.tree.start as number) - (end - start)
    // Bits of one byte are as small as each other: the first is as good as any.
    if (wider > 0 || (wider === 0 && best?.tree.mask === undefined)) best = twig
  }
  return best
}

/**
 * Where the twig with this path is, or the nearest of its ancestors that is unfolded; where there is none, the first
 * that has a place in the row's bytes.
 */
export function twigIndex(lines: readonly Twig[], path: string | undefined): number {
  for (let wanted = path ?? ''; wanted !== ''; wanted = wanted.slice(0, wanted.lastIndexOf('/'))) {
    const index = lines.findIndex(twig => twig.path === wanted)
    if (index >= 0) return index
  }
  return Math.max(
    0,
    lines.findIndex(({ tree }) => tree.start !== undefined),
  )
}
