import type { Mocking } from '../../core/index.ts'
import type { StompFrame } from '../frames.ts'
import type { Context } from '../version.ts'
import type { StompAct } from './act.ts'
import { StompActor } from './actor.ts'
import { StompReader } from './reader.ts'

export const mock: Mocking<StompFrame, StompAct, Context> = {
  reader: () => new StompReader(),
  actor: options => new StompActor(options),
}
