import type { Mocking } from '../../core/index.ts'
import type { CoapFrame } from '../frames.ts'
import type { CoapAct } from './act.ts'
import { CoapActor } from './actor.ts'
import { CoapReader } from './reader.ts'

/** The same over datagrams and over reliable transports. */
// biome-ignore lint/suspicious/noExplicitAny: frames are those of the codec that it is of
export const mock: Mocking<any, CoapAct, any> = {
  reader: () => new CoapReader() as ReturnType<Mocking<CoapFrame, CoapAct>['reader']>,
  actor: () => new CoapActor(),
}
