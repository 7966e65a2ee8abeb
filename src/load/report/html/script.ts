/**
 * What moves on the page: values at the pointer, a finger, or the arrow keys, in all plots of the same axis at once.
 * The page is whole without it.
 */
export const SCRIPT = `
'use strict'
const read = element => JSON.parse(element.textContent)
const axes = read(document.getElementById('axes'))
const plots = [...document.querySelectorAll('figure')].map(figure => ({
  figure,
  chart: figure.querySelector('.chart'),
  cursor: figure.querySelector('.cursor'),
  outputs: figure.querySelectorAll('li:not(.when) output'),
  when: figure.querySelector('.when output'),
  ...read(figure.querySelector('script')),
}))
const shown = {}
const show = (axis, at) => {
  const { places, names } = axes[axis]
  shown[axis] = at
  for (const plot of plots) {
    if (plot.axis !== axis) continue
    const x = at === undefined ? '0' : places[at] * 100 + '%'
    plot.cursor.setAttribute('display', at === undefined ? 'none' : 'inline')
    plot.cursor.setAttribute('x1', x)
    plot.cursor.setAttribute('x2', x)
    plot.when.textContent = at === undefined ? '' : names[at]
    plot.outputs.forEach((output, index) => {
      output.textContent = at === undefined ? '' : plot.values[index][at]
    })
  }
}
const nearest = (places, place) => {
  let best = 0
  places.forEach((each, at) => {
    if (Math.abs(each - place) < Math.abs(places[best] - place)) best = at
  })
  return best
}
for (const { figure, chart, axis } of plots) {
  const { places } = axes[axis]
  const follow = event => {
    const { left, width } = chart.getBoundingClientRect()
    if (places.length > 0) show(axis, nearest(places, (event.clientX - left) / width))
  }
  chart.addEventListener('pointermove', follow)
  chart.addEventListener('pointerdown', follow)
  chart.addEventListener('pointerleave', event => {
    if (event.pointerType === 'mouse') show(axis, undefined)
  })
  figure.addEventListener('keydown', event => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
    if (event.key === 'Escape') show(axis, undefined)
    if (step === undefined || places.length === 0) return
    event.preventDefault()
    const at = shown[axis]
    show(axis, at === undefined ? 0 : Math.min(places.length - 1, Math.max(0, at + step)))
  })
}
document.documentElement.dataset.ready = String(plots.length)
`
