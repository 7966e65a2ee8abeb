import type { Flow } from '../../flow.ts'
import type { Size } from '../kit/screen.ts'
import type { KindId } from './kind.ts'
import type { PaneId } from './layout.ts'
import type { Edit, PromptKind } from './prompt.ts'

/** What can be done: by a key, a click, a command, or because the terminal changed. */
export type Action =
  | { readonly type: 'move'; readonly by: number | 'page' | 'page-up' | 'half' | 'half-up' | 'first' | 'last' }
  | { readonly type: 'goto'; readonly number: number }
  | { readonly type: 'focus'; readonly pane: PaneId | 'next' | 'previous' }
  | { readonly type: 'close-pane' }
  | { readonly type: 'kind'; readonly kind: KindId | 'next' | 'previous' }
  | { readonly type: 'enter' }
  | { readonly type: 'fold'; readonly open: boolean }
  | { readonly type: 'back' }
  | { readonly type: 'leave' }
  | { readonly type: 'quit' }
  | { readonly type: 'zoom' }
  | { readonly type: 'resize'; readonly axis: 'x' | 'y'; readonly grow: boolean }
  | { readonly type: 'move-pane'; readonly by: 1 | -1 }
  | { readonly type: 'arrange' }
  | { readonly type: 'reset-layout' }
  | { readonly type: 'freeze' }
  | { readonly type: 'follow' }
  | { readonly type: 'mark' }
  | { readonly type: 'jump' }
  | { readonly type: 'letter'; readonly letter: string }
  | { readonly type: 'sort'; readonly by: 1 | -1 }
  | { readonly type: 'reverse' }
  | { readonly type: 'time' }
  | { readonly type: 'prompt'; readonly kind: PromptKind }
  | { readonly type: 'filter'; readonly text: string }
  | { readonly type: 'filter-field' }
  | { readonly type: 'type'; readonly text: string }
  | { readonly type: 'edit'; readonly edit: Edit }
  | { readonly type: 'complete'; readonly by: 1 | -1 }
  | { readonly type: 'recall'; readonly by: 1 | -1 }
  | { readonly type: 'submit' }
  | { readonly type: 'search'; readonly by: 1 | -1 }
  | { readonly type: 'found'; readonly number: number }
  | { readonly type: 'copy' }
  | { readonly type: 'replay'; readonly flow: Flow; readonly text: string }
  | { readonly type: 'help' }
  | { readonly type: 'redraw' }
  | { readonly type: 'suspend' }
  | { readonly type: 'interrupt' }
  | { readonly type: 'press'; readonly x: number; readonly y: number }
  | { readonly type: 'wheel'; readonly x: number; readonly y: number; readonly by: number }
  | { readonly type: 'size'; readonly size: Size }
  | { readonly type: 'theme'; readonly name: string }
  | { readonly type: 'note'; readonly text: string; readonly trouble: boolean }

/** What is to happen outside of the screen. */
export type Effect =
  | { readonly type: 'quit' }
  | { readonly type: 'interrupt' }
  | { readonly type: 'suspend' }
  | { readonly type: 'redraw' }
  | { readonly type: 'copy'; readonly text: string }
  /** Looks for the next row, from the chosen one on, whose text holds this. */
  | { readonly type: 'search'; readonly text: string; readonly by: 1 | -1 }
  | { readonly type: 'save'; readonly path: string; readonly rows: 'chosen' | 'shown' }
  /** Plays a connection again: to whom, and how, is as it was written. */
  | { readonly type: 'replay'; readonly flow: Flow; readonly text: string }
  | { readonly type: 'stop-replay' }
