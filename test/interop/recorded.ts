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
  await work(watched.port)
  await watched.end()
  return (await recorder.finish()).path
}

/** The same work comes to its end without the broker: played to out of the recording, and nothing is done otherwise. */
export async function checkMocked(broker: number | string, work: Work): Promise<void> {
  const path = await recorded(broker, work)
  const listen = typeof broker === 'number' ? ':0' : broker.replace(/:\d+$/, ':0')
  for (const speed of ['1', 'max']) {
    const mock = await running('mock', path, '--listen', listen, '--speed', speed, '--strict', '--once', '--json')
    await work(mock.port)
    const ended = await mock.ended
    const otherwise = Object.entries(counts(ended)).filter(([, [, ...others]]) => others.some(count => count > 0))
    expect({ code: ended.code, otherwise, stderr: ended.stderr.match(/not recorded/) }).toEqual({
      code: 0,
      otherwise: [],
      stderr: null,
    })
  }
}
