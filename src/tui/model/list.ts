import type { Numbers } from './numbers.ts'

/** Where one is in a list. All by number, so that it stays with its rows while others come and go. */
export interface ListState {
  /** The chosen row. */
  readonly selected: number | undefined
  /** The row at the top of the pane. */
  readonly top: number | undefined
  /** The newest row is the chosen one. */
  readonly follow: boolean
}

/** A list as it lies in its pane: places, not numbers. */
export interface Window {
  readonly top: number
  /** -1 in an empty list. */
  readonly selected: number
}

export function windowOf(numbers: Numbers, { selected, top, follow }: ListState, height: number): Window {
  const { length } = numbers
  if (length === 0) return { top: 0, selected: -1 }
  const at = follow ? length - 1 : clamp(selected === undefined ? 0 : numbers.indexOf(selected), 0, length - 1)
  const wanted = follow || top === undefined ? at - height + 1 : numbers.indexOf(top)
  const visible = clamp(wanted, at - height + 1, at)
  return { top: clamp(visible, 0, Math.max(0, length - height)), selected: at }
}

/** Chooses the row at this place. */
export function chooseAt(numbers: Numbers, state: ListState, index: number, height: number): ListState {
  if (numbers.length === 0) return state
  const at = clamp(index, 0, numbers.length - 1)
  const before = windowOf(numbers, state, height).top
  const top = clamp(before, at - height + 1, at)
  return { selected: numbers.at(at), top: numbers.at(clamp(top, 0, numbers.length - 1)), follow: false }
}

/** Moves the choice by so many rows. */
export function moveBy(numbers: Numbers, state: ListState, delta: number, height: number): ListState {
  return chooseAt(numbers, state, windowOf(numbers, state, height).selected + delta, height)
}

/** Moves what is seen by so many rows; the choice only where it would leave the pane. */
export function scrollBy(numbers: Numbers, state: ListState, delta: number, height: number): ListState {
  const { length } = numbers
  if (length === 0) return state
  const window = windowOf(numbers, state, height)
  const top = clamp(window.top + delta, 0, Math.max(0, length - height))
  const at = clamp(window.selected, top, Math.min(length - 1, top + height - 1))
  return { selected: numbers.at(at), top: numbers.at(top), follow: false }
}

/** The chosen row's number. */
export function chosen(numbers: Numbers, state: ListState): number | undefined {
  const { selected } = windowOf(numbers, state, 1)
  return selected < 0 ? undefined : numbers.at(selected)
}

export const clamp = (value: number, least: number, most: number): number => Math.max(least, Math.min(most, value))
