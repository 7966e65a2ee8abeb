/** What a piece of text is, for the theme to give it a look. */
export type Look =
  | 'plain'
  | 'dim'
  | 'bold'
  | 'title'
  | 'client'
  | 'server'
  | 'error'
  | 'warning'
  | 'note'
  | 'good'
  | 'accent'
  | 'key'
  /** The chosen row of the pane that has the keys, and of one that has not. */
  | 'selected'
  | 'marked'
  /** Between panes that lie beside each other; nothing lies under it. */
  | 'divider'
  /** The bytes of the chosen field, and the byte among them that the cursor is on. */
  | 'range'
  | 'cursor'

export interface Span {
  /** Free of controls. */
  readonly text: string
  readonly look: Look
}

/** One row of a pane; `look` lies under all of it, to its whole width. */
export interface Line {
  readonly spans: readonly Span[]
  readonly look?: Look | undefined
}

export const span = (text: string, look: Look = 'plain'): Span => ({ text, look })
export const line = (...spans: readonly Span[]): Line => ({ spans })
export const EMPTY: Line = { spans: [] }
