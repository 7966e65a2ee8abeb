import type { Action } from './action.ts'
import {
  ARRANGEMENTS,
  arrangementFor,
  closed,
  focused,
  type LayoutState,
  moved,
  type PaneId,
  resized,
} from './layout.ts'
import { focusOf, listIn, rectsOf, type State, USUAL } from './state.ts'

type PaneAction = Extract<
  Action,
  { readonly type: 'focus' | 'close-pane' | 'zoom' | 'resize' | 'move-pane' | 'arrange' | 'reset-layout' }
>

/** What an action does to the panes: which there are, where they lie, which has the keys. */
export function changePanes(state: State, action: PaneAction): State {
  const { layout, size } = state
  switch (action.type) {
    case 'focus':
      return looked(state, focused(unzoomed(state, action.pane), paneMeant(state, action.pane)))
    case 'close-pane':
      return looked(state, closed(layout, focusOf(state)))
    case 'zoom':
      return { ...state, layout: { ...layout, zoomed: !layout.zoomed } }
    case 'resize':
      return { ...state, layout: resized(layout, size, action.axis, action.grow) }
    case 'move-pane':
      return { ...state, layout: moved(layout, action.by) }
    case 'arrange': {
      const now = ARRANGEMENTS.indexOf(arrangementFor(size, layout.arrangement))
      return { ...state, layout: { ...layout, arrangement: ARRANGEMENTS[(now + 1) % ARRANGEMENTS.length] } }
    }
    case 'reset-layout':
      return looked(state, USUAL)
  }
}

/** The details are of the list that had the keys last. */
export function looked(state: State, layout: LayoutState): State {
  const list = listIn(state, layout.recent[0] as PaneId)
  if (list === undefined || list === state.subject) return { ...state, layout }
  return { ...state, layout, subject: list, byte: undefined }
}

/** Another pane than the one that is alone is shown among all; the next one is alone in its turn. */
function unzoomed({ layout }: State, pane: PaneId | 'next' | 'previous'): LayoutState {
  return pane === 'next' || pane === 'previous' || pane === layout.recent[0] ? layout : { ...layout, zoomed: false }
}

function paneMeant(state: State, pane: PaneId | 'next' | 'previous'): PaneId {
  if (pane !== 'next' && pane !== 'previous') return pane
  const { layout } = state
  const shown = layout.zoomed ? layout.panes : [...rectsOf(state).keys()]
  const by = pane === 'next' ? 1 : shown.length - 1
  return shown[(shown.indexOf(focusOf(state)) + by) % shown.length] as PaneId
}
