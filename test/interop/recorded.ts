import { expect } from 'vitest'
import { Recorder } from '../../src/recording/index.ts'
import { counts, running } from '../mock/running.ts'
import { recordingPath } from '../recording/record.ts'
import { watch } from './watch.ts'

/** A client's work on a broker, given its port. */
export type Work = (port: number) => Promise<void>

/** Records `work` on the broker at this port, or at this address with its scheme. Answers with the file. */
export async function recorded(broker: number | string, work: Work): Promise<string> {
  const recorder = await Recorder.create(await recordingPath(), { keepSecrets: true })
  const watched = await watch(broker, recorder)
  await within('the work that is recorded', work(watched.port), () =>
    watched.frames
      .slice(-20)
      .map(frame => JSON.stringify(frame))
      .join('\n'),
  )
  await watched.end()
  return (await recorder.finish()).path
}

/** The same work comes to its end without the broker: played to out of the recording, and nothing is done otherwise. */
export async function checkMocked(
  broker: number | string,
  work: Work,
  listen = typeof broker === 'number' ? ':0' : broker.replace(/:\d+$/, ':0'),
): Promise<void> {
  const path = await recorded(broker, work)
  for (const speed of ['1', 'max']) {
    const mock = await running('mock', path, '--listen', listen, '--speed', speed, '--strict', '--once', '--json')
    const told = (): string => `${path}\n${mock.told()}`
    await within(`the work on what plays it at speed ${speed}`, work(mock.port), told)
    const ended = await within('the end of what played it', mock.ended, told)
    const otherwise = Object.entries(counts(ended)).filter(([, [, ...others]]) => others.some(count => count > 0))
    expect({ code: ended.code, otherwise, stderr: ended.stderr.match(/not recorded/) }).toEqual({
      code: 0,
      otherwise: [],
      stderr: null,
    })
  }
}

/** Milliseconds, less than a test has. */
const PATIENCE = 9_000

/** What is to come to its end; with what there is to see, where it does not. */
async function within<T>(what: string, work: Promise<T>, told: () => string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} does not end:\n${told()}`)), PATIENCE)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}
