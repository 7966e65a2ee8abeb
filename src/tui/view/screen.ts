import type { Row } from '../../output/index.ts'
import { fittedLine, justified } from '../kit/cells.ts'
import { framed, type PaneView, type Rect, roomOf, type Screen } from '../kit/screen.ts'
import { type Line, line, span } from '../kit/text.ts'
import { bodyLines } from '../model/body.ts'
import type { Desk } from '../model/desk.ts'
import type { PaneId } from '../model/layout.ts'
import { clamp } from '../model/list.ts'
import { byteOf } from '../model/moving.ts'
import { areaOf, focusOf, listIn, listState, rectsOf, type ScrollPane, type State } from '../model/state.ts'
import { chosenTwig, rangeOf } from '../model/taking.ts'
import { boardLines } from './board.ts'
import { detailLines } from './details.ts'
import { helpLines } from './help.ts'
import { hexLines } from './hex.ts'
import { ladderLines, ladderTitle } from './ladder.ts'
import { listLines } from './list.ts'
import { replayLines } from './replay.ts'
import { filterLine, footLine, headLine, type Surroundings } from './status.ts'

/** Draws what there is, as the user has set it; nothing is looked at that is not seen. */
export function screenOf(state: State, desk: Desk, around: Surroundings): Screen {
  const { columns, rows } = state.size
  const panes = state.help
    ? [helpPane(state, desk)]
    : [...rectsOf(state)].map(([id, rect]) => pane(id, rect, state, desk, around))
  return {
    columns,
    rows,
    head: [headLine(state, desk, around), filterLine(state, desk)],
    panes,
    foot: [footLine(state, desk)],
  }
}

function pane(id: PaneId, rect: Rect, state: State, desk: Desk, around: Surroundings): PaneView {
  const active = focusOf(state) === id
  const { title, lines } = content(id, { ...roomOf(rect), active }, state, desk, around)
  return framed(rect, { key: PANE_KEYS[id], title, active }, lines)
}

const PANE_KEYS: Readonly<Record<PaneId, string>> = {
  flows: '1',
  rows: '2',
  details: '3',
  hex: '4',
  body: '5',
  ladder: '6',
  board: '7',
  topology: '8',
  replay: '9',
}

interface Room {
  readonly width: number
  readonly height: number
  readonly active: boolean
}

interface Content {
  readonly title: string
  readonly lines: readonly Line[]
}

function content(id: PaneId, room: Room, state: State, desk: Desk, around: Surroundings): Content {
  switch (id) {
    case 'flows':
    case 'rows':
    case 'ladder':
      return listContent(id, room, state, desk)
    case 'details': {
      const subject = desk.subject(state)
      const title =
        subject === undefined ? 'details' : `details of ${subject.table.kind.title.replace(/s$/, '')} ${subject.number}`
      const twigs = desk.twigs(state)
      return {
        title,
        lines: twigs.length === 0 ? nothing(state, desk) : detailLines(twigs, state.chosen.details, room),
      }
    }
    case 'hex': {
      const bytes = desk.subject(state)?.bytes
      if (bytes === undefined) return { title: 'bytes', lines: [line(span(' no bytes', 'dim'))] }
      const cursor = byteOf(state, desk)
      const range = rangeOf(chosenTwig(state, desk), cursor, bytes.bytes.length)
      const title = `bytes ${range[0]}..${range[1]} of ${bytes.bytes.length}`
      return { title, lines: hexLines(bytes, { ...room, cursor, range }) }
    }
    case 'body': {
      const body = desk.subject(state)?.body
      if (body === undefined) return { title: 'body', lines: [line(span(' no body', 'dim'))] }
      const lines = bodyLines(body, room.width - 2).map(text => line(span(` ${text}`)))
      return { title: `body, ${body.bytes.length} bytes`, lines: scrolled(lines, 'body', room.height, state, desk) }
    }
    case 'board': {
      const lines = boardLines(desk.traffic, { width: room.width, unicode: around.unicode, over: !around.live })
      return { title: 'rates and latencies', lines: scrolled(lines, 'board', room.height, state, desk) }
    }
    case 'replay': {
      const { replay } = desk
      const title = replay === undefined ? 'replay' : `replay of flow ${replay.flow}`
      return { title, lines: scrolled(replayLines(replay, room.width), 'replay', room.height, state, desk) }
    }
    case 'topology': {
      const twigs = desk.twigs(state, 'topology')
      const lines = detailLines(twigs, state.chosen.topology, room)
      return { title: 'topology', lines: twigs.length === 0 ? [line(span(' nothing was told of yet', 'dim'))] : lines }
    }
  }
}

function listContent(id: 'flows' | 'rows' | 'ladder', room: Room, state: State, desk: Desk): Content {
  const list = listIn(state, id) ?? state.kind
  const table = desk.table(list)
  const marked = new Set(Object.values(state.marks).flatMap(mark => (mark.list === list ? [mark.number] : [])))
  const setting = { ...room, time: state.time, marked }
  if (id === 'ladder') {
    const lines = ladderLines(table, listState(state, list, desk.subject(state)?.number), desk.traffic.ties, setting)
    const first = table.numbers.length === 0 ? undefined : (table.store.get(table.numbers.at(0)) as Row | undefined)
    return { title: `ladder  ${ladderTitle(first)}`, lines }
  }
  return { title: table.kind.title, lines: listLines(table, state.lists[list], setting) }
}

/** Why there are no details. */
function nothing(state: State, desk: Desk): Line[] {
  const { length } = desk.numbers(state.subject)
  return [line(span(length === 0 ? ' nothing is chosen' : ' this row is no longer kept', 'dim'))]
}

/** The lines from where the pane is scrolled to; no further than that the last one is at the end. */
function scrolled(lines: readonly Line[], pane: ScrollPane, height: number, state: State, desk: Desk): readonly Line[] {
  const depth = Math.max(0, lines.length - height)
  desk.depths[pane] = depth
  return lines.slice(clamp(state.scroll[pane], 0, depth))
}

function helpPane(state: State, desk: Desk): PaneView {
  const rect = areaOf(state.size)
  const lines = helpLines(state, rect.width)
  const shown = scrolled(lines, 'help', rect.height - 1, state, desk)
  const title = justified([span(' what works here', 'title'), span('  j k scroll, Esc closes', 'dim')], [], rect.width)
  return {
    rect,
    lines: [title, ...shown.slice(0, rect.height - 1).map(each => fittedLine(each, rect.width))],
  }
}
