import { readFileSync } from 'node:fs'
import { usage } from '../failure.ts'
import { parseRate, parseRecorded, parseSizeRange, parseStages, secondsOr } from './amounts.ts'
import { always, type Phased, parsePhased } from './cycle.ts'
import { expandNames } from './names.ts'
import { codecOf, pair, templatesOf } from './options.ts'
import type { BodyPlan, PublishPlan } from './plan.ts'
import { parseQuota } from './quota.ts'
import type { Rhythm } from './recorded/index.ts'
import { columnsOf } from './rows.ts'
import type { GroupSpec, PublishSpec } from './spec.ts'
import { STAMP_LENGTH } from './stamp.ts'

/** Messages a second, where nothing is said. */
const RATE = 1000
const SIZE = 100

/** What a group is to publish. `seconds` is how long the run is. */
export function publishOf(group: GroupSpec, spec: PublishSpec, seconds: number): PublishPlan {
  const { stages, spacing = 'even', count, request = false } = spec
  // A window without a rate is the pace itself.
  const otherwise = group['in-flight'] === undefined ? RATE : undefined
  const rhythm = rhythmOf(spec)
  const { times, seconds: all } = rhythm ?? { times: [], seconds: 1 }
  const rate =
    rhythm !== undefined ? times.length / all : spec.rate === undefined ? otherwise : parseRate(spec.rate, '--rate')
  // Where messages say themselves which of them they go to, these are as they were recorded.
  const isSaid = spec.recorded?.bodies.some(body => 'bytes' in body && body.destination !== undefined) === true
  const { destination = [] } = spec
  const destinations = isSaid ? destination : expandNames(destination, '--destination')
  const bodies = bodiesOf(spec)
  const { 'content-type': contentType } = spec
  const known = codecOf(group).drive?.options ?? {}
  const option = (group.option ?? []).filter(each => known[pair(each, '--option')[0]]?.eachMessage)
  const headers = Object.fromEntries((spec.header ?? []).map(each => pair(each, '--header')))
  const texts = bodies.flatMap(({ value }) => value).flatMap(body => ('text' in body ? body.text : []))
  const templates = [...destinations, ...texts, ...Object.values(headers), ...option]
  const columns = columnsOf(contentType === undefined ? templates : [...templates, contentType])
  return {
    destinations,
    spread: spec.spread === true && !isSaid,
    bodies,
    stampsFront: spec.stamp === 'front',
    columns,
    stages:
      stages !== undefined
        ? parseStages(stages, '--stages')
        : rate === undefined
          ? undefined
          : [{ from: rate, to: rate, seconds }],
    spacing,
    rhythm,
    recorded: spec.recorded?.words,
    quota: parseQuota(count, '--count'),
    answerTimeout: secondsOr(spec['answer-timeout'], '--answer-timeout', Number.POSITIVE_INFINITY) * 1000,
    patience: secondsOr(spec['drop-after'], '--drop-after', Number.POSITIVE_INFINITY),
    contentType,
    headers,
    options: templatesOf(option, known, columns),
    requests: request,
  }
}

/** As recorded, where that is asked for. */
export function rhythmOf({ rate, recorded }: PublishSpec): Rhythm | undefined {
  const speed = rate === undefined ? undefined : parseRecorded(rate)
  if (speed === undefined) return undefined
  if (recorded === undefined) throw usage(`--rate ${rate}: nothing is recorded`, 'Say which recording: --from FILE.')
  const { times, seconds } = recorded.rhythm
  return { times: times.map(time => time / speed), seconds: seconds / speed }
}

function bodiesOf(spec: PublishSpec): readonly Phased<readonly BodyPlan[]>[] {
  if (spec.recorded !== undefined) return always(spec.recorded.bodies)
  const texts = (spec.body ?? []).map(text => ({ text }))
  const files = (spec['body-file'] ?? []).map(file => ({ text: readBody(file) }))
  if (texts.length + files.length > 0) return always([...texts, ...files])
  const sizes = spec.size ?? [String(SIZE)]
  if (!sizes.some(text => text.includes(':'))) return always(sizes.map(sizedBody))
  return parsePhased(sizes, '--size', sizedBody).map(({ value, seconds }) => ({ value: [value], seconds }))
}

function sizedBody(text: string): BodyPlan {
  const size = parseSizeRange(text, '--size')
  if (size.least >= STAMP_LENGTH) return { size }
  throw usage(
    `--size ${text}: what messages are told apart by takes ${STAMP_LENGTH} bytes`,
    'A --body of your own may be shorter; what became of it cannot be told.',
  )
}

function readBody(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw usage(`--body-file ${file}: ${(error as Error).message}`)
  }
}
