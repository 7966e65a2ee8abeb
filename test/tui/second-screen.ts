import {
  bar,
  framed,
  type Input,
  type Line,
  line,
  roomOf,
  Stage,
  span,
  sparkline,
  surrounding,
  themeFor,
} from '../../src/tui/index.ts'

/** A screen that is no inspector's: it counts, `p` freezes what is seen, `q` ends it, and `x` makes it fail. */

const { stdin, stdout, theme, depth, unicode } = surrounding(false)
let count = 0
let seen = 0
let frozen = false
let pressed = 0
const timer = setInterval(() => count++, 20)

const stage: Stage = new Stage(
  {
    unicode,
    theme: () => themeFor(theme, depth),
    screen() {
      const { columns, rows } = stage.size
      const rect = { x: 0, y: 1, width: columns, height: rows - 2 }
      const { width } = roomOf(rect)
      const lines: Line[] = [
        line(span(` counted ${seen}${frozen ? ', frozen' : ''}`, 'bold')),
        line(span(` pressed ${pressed} at ${columns}x${rows}`)),
        line(span(` ${sparkline([1, 2, 4, 8], width - 2, unicode)}`, 'accent')),
      ]
      return {
        columns,
        rows,
        head: [line(span(' a second screen', 'title'))],
        panes: [framed(rect, { key: '1', title: 'counts', active: true }, lines)],
        foot: [
          {
            spans: bar(
              [
                { key: 'p', what: 'freeze' },
                { key: 'q', what: 'quit' },
              ],
              columns,
            ),
          },
        ],
      }
    },
    look() {
      if (frozen || seen === count) return false
      seen = count
      return true
    },
    input(inputs: readonly Input[]) {
      for (const input of inputs) {
        if (input.type !== 'key') continue
        pressed++
        if (input.key === 'p') frozen = !frozen
        if (input.key === 'ctrl-z') void stage.suspend()
        if (input.key === 'x') setTimeout(() => Promise.reject(new Error('it was made to fail')))
        if (input.key === 'q') {
          clearInterval(timer)
          void stage.stop()
        }
      }
    },
    resized() {},
  },
  stdin,
  stdout,
)
stage.start()
await stage.over
