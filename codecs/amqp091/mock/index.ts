import type { Mocking } from '../../core/index.ts'
import type { Context } from '../delimit.ts'
import type { AmqpFrame } from '../frames.ts'
import type { AmqpAct } from './act.ts'
import { AmqpActor } from './actor.ts'
import { AmqpReader } from './reader.ts'

export const mock: Mocking<AmqpFrame, AmqpAct, Context> = {
  reader: () => new AmqpReader(),
  actor: options => new AmqpActor(options),
}
