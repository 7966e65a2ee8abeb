import type { Mocking } from '../../core/index.ts'
import type { Context } from '../dialogue.ts'
import type { Amqp10Frame } from '../frames.ts'
import type { Amqp10Act } from './act.ts'
import { Amqp10Actor } from './actor.ts'
import { Amqp10Reader } from './reader.ts'

export const mock: Mocking<Amqp10Frame, Amqp10Act, Context> = {
  reader: () => new Amqp10Reader(),
  actor: options => new Amqp10Actor(options),
}
