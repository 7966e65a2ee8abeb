import type { Name } from '../fields/index.ts'
import { near } from '../near.ts'

/** What a name was probably meant to be, nearest first: with the same beginning, if it is one; ours before others'. */
export function similar(name: string, names: readonly Name[]): string[] {
  const ours = names.filter(({ alias }) => alias !== true)
  for (const find of [siblings, anywhere]) {
    for (const among of [ours, names]) {
      const found = find(
        name,
        among.map(each => each.name),
      )
      if (found.length > 0) return found
    }
  }
  return []
}

const anywhere = (name: string, names: readonly string[]): string[] => near(name, names)

function siblings(name: string, names: readonly string[]): string[] {
  const dot = name.lastIndexOf('.') + 1
  const prefix = name.slice(0, dot)
  if (dot === 0) return []
  const parts = names.filter(each => each.startsWith(prefix)).map(each => each.slice(dot))
  return near(name.slice(dot), parts).map(last => prefix + last)
}
