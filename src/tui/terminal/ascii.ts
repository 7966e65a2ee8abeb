import { columns } from '../../output/index.ts'

/** What is drawn with, for terminals that have no more than ASCII. */
const ASCII: Readonly<Record<string, string>> = {
  '▶': '>',
  '◀': '<',
  '│': '|',
  '─': '-',
  '═': '=',
  '→': '>',
  '←': '<',
  '⇄': '=',
  '▾': '-',
  '▸': '+',
  '●': '*',
  '○': 'o',
  '✓': '+',
  '✗': 'x',
  '·': '.',
  '…': '~',
  '–': '-',
  '×': 'x',
  '■': '#',
  '▲': '^',
  '▼': 'v',
  '⇣': 'v',
  '❙': '|',
  '’': "'",
  '↑': '^',
  '↓': 'v',
  '↩': '^',
  µ: 'u',
}

const DRAWN = new RegExp(`[${Object.keys(ASCII).join('')}]`, 'gu')

const OTHER = /\P{ASCII}/gu

/** The same in ASCII, as wide as it was; what traffic holds beside that becomes `?`. */
export const inAscii = (text: string): string =>
  text.replace(DRAWN, character => ASCII[character] as string).replace(OTHER, other => '?'.repeat(columns(other)))
