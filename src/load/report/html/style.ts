/** Lines differ in colour (Okabe and Ito's, which people with any eyesight tell apart) and in how they are broken. */
const LINES = [
  ['#6e7781', '#8b949e', ''],
  ['#0072b2', '#56b4e9', ''],
  ['#c45500', '#e69f00', '7 3'],
  ['#00795a', '#2ac79a', '2 3'],
  ['#a6428b', '#e08fc5', '9 3 2 3'],
  ['#7a6a00', '#f0e442', '4 4'],
  ['#b3261e', '#ff8b80', '12 4'],
  ['#333', '#ddd', '1 4'],
] as const

const colours = (dark: 0 | 1): string => LINES.map((line, at) => `--s${at}: ${line[dark]}`).join('; ')
const lines = LINES.map(
  ([, , dashes], at) =>
    `.s${at} { stroke: var(--s${at})${dashes === '' ? '' : `; stroke-dasharray: ${dashes}`} } .area.s${at} { fill: var(--s${at}) }`,
).join('\n')

const LIGHT = `--ground: #fff; --raised: #f6f8fa; --text: #1f2328; --dim: #59636e; --rule: #d1d9e0; --good: #1a7f37; --bad: #cf222e; --odd: #0000000a; --blocked: #cf222e26; ${colours(0)}`
const DARK = `--ground: #0d1117; --raised: #161b22; --text: #e6edf3; --dim: #9198a1; --rule: #30363d; --good: #3fb950; --bad: #ff7b72; --odd: #ffffff0d; --blocked: #f8514940; ${colours(1)}`

export const STYLE = `
:root { color-scheme: light dark; ${LIGHT} }
@media (prefers-color-scheme: dark) { :root { ${DARK} } }
* { box-sizing: border-box }
html { background: var(--ground); color: var(--text); font: 15px/1.5 system-ui, sans-serif; -webkit-text-size-adjust: 100% }
body { margin: 0 auto; max-width: 84rem; padding: 1.5rem 1.25rem 4rem }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .5rem; overflow-wrap: anywhere }
h2 { font-size: 1.15rem; margin: 2.5rem 0 .75rem } h3 { font-size: 1rem; margin: 0 }
p, ul { margin: 0 } ul { padding: 0; list-style: none }
.good { color: var(--good) } .bad { color: var(--bad) } .dim { color: var(--dim) }
.shades { margin: -.5rem 0 1rem } .lines li { overflow-wrap: anywhere }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .75rem; margin: 1.5rem 0 }
.figures div { background: var(--raised); border: 1px solid var(--rule); border-radius: .5rem; padding: .6rem .8rem }
.figures dt { color: var(--dim); font-size: .85rem } .figures dd { margin: 0; font-size: 1.3rem; font-variant-numeric: tabular-nums; white-space: nowrap }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 34rem), 1fr)); gap: 1.75rem 2rem }
figure { margin: 0; min-width: 0; display: grid; grid-template-columns: 4.6rem minmax(0, 1fr); grid-template-rows: 1fr 13rem 1.25rem; border-radius: .25rem }
figure:focus-visible { outline: 2px solid var(--s1); outline-offset: .4rem }
figcaption { grid-column: 1 / -1; padding-bottom: .7rem; align-self: end } figcaption p { color: var(--dim); font-size: .85rem }
figcaption ul { display: flex; flex-wrap: wrap; gap: 0 1rem; font-size: .85rem; min-height: 1.5em }
figcaption li { white-space: nowrap } output { font-variant-numeric: tabular-nums; font-weight: 600 } .when { margin-left: auto }
svg { display: block; width: 100%; height: 100%; overflow: visible; font-size: 12px; fill: var(--dim) }
.key { display: inline-block; width: 24px; height: 8px; margin-right: .35rem; vertical-align: middle }
.chart { cursor: crosshair; touch-action: pan-y }
.chart > svg { overflow: hidden }
.y text { text-anchor: end } .x { grid-column: 2 } .x text { text-anchor: middle } .x .first { text-anchor: start } .x .last { text-anchor: end }
.chart path, .cursor { vector-effect: non-scaling-stroke; fill: none }
.line { fill: none; stroke-width: 1.75; stroke-linejoin: round; stroke-linecap: round }
.chart .area { stroke: none; fill-opacity: .14 }
.grid { stroke: var(--rule); stroke-width: 1 } .mark { stroke: var(--bad); stroke-width: 1.25; stroke-dasharray: 5 4 }
.mark-name { text-anchor: end; fill: var(--bad) } .mark-name, .name { paint-order: stroke; stroke: var(--ground); stroke-width: 3px }
.stage { fill: none } .stage.odd { fill: var(--odd) } .blocked { fill: var(--blocked) } .cursor { stroke: var(--text); stroke-width: 1 }
${lines}
.scroll { overflow-x: auto }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; white-space: nowrap }
td, th { text-align: left; padding: .25rem 1.25rem .25rem 0; border-bottom: 1px solid var(--rule) }
th { color: var(--dim); font-weight: 500 } .number { text-align: right }
@media (max-width: 40rem) { body { padding: 1rem .75rem 3rem } figure { grid-template-columns: 3.9rem minmax(0, 1fr) } .figures { grid-template-columns: 1fr 1fr } .figures dd { font-size: 1.05rem } svg { font-size: 11px } }
@media print { .plots { display: block } figure { break-inside: avoid; margin-bottom: 1rem } }
`
