import { type AnyCodec, type Field, FrameReader, frameToJson, type Packet, toJson } from '../../codecs/core/index.ts'

const reader = new FrameReader()

/** A packet as the vectors' expectations write it: where it is, what it says, what is wrong with it, its field tree. */
export function render(codec: AnyCodec, packet: Packet): string {
  const where = `${packet.side} ${packet.offset}+${packet.length}`
  const lines: string[] = []
  let diagnostics = packet.diagnostics
  if (packet.kind === 'frame') {
    const { frame, field, diagnostics: all } = reader.trace(codec, packet)
    diagnostics = all
    lines.push(`${where} ${frame.type} | ${codec.summary(frame)}`)
    lines.push(`  ${short(JSON.stringify(frameToJson(codec, frame, { secrets: true })))}`)
    for (const child of field.children ?? []) lines.push(...tree(child, '    '))
  } else lines.push(`${where} ${packet.kind}`)
  for (const { severity, code, start, end, message, rule } of diagnostics) {
    lines.push(`  ! ${severity} ${code} ${start}..${end} ${message}${rule === undefined ? '' : ` [${rule}]`}`)
  }
  return lines.join('\n') + '\n'
}

function tree(field: Field, indent: string): string[] {
  const mask = field.mask === undefined ? '' : ` &${field.mask.toString(16).padStart(2, '0')}`
  const value = field.value === undefined ? '' : ` = ${short(JSON.stringify(toJson(field.value)) ?? 'undefined')}`
  const text = field.text === undefined ? '' : ` (${field.text})`
  const secret = field.secret === true ? ' secret' : ''
  const own = `${indent}${field.start}..${field.end}${mask} ${field.name}${value}${text}${secret}`
  return [own, ...(field.children ?? []).flatMap(child => tree(child, `${indent}  `))]
}

const short = (text: string): string => (text.length <= 600 ? text : `${text.slice(0, 600)}… of ${text.length}`)
