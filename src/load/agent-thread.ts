import { parentPort, workerData } from 'node:worker_threads'
import { Agent } from './agent.ts'
import type { AgentOptions, FromAgent, ToAgent } from './protocol.ts'

const port = parentPort
if (port === null) throw new Error('not a thread')
const say = (message: FromAgent): void => port.postMessage(message)
try {
  const agent = await Agent.create(workerData as AgentOptions, say)
  port.on('message', (message: ToAgent) => agent.hear(message))
} catch (error) {
  say({ type: 'failed', message: (error as Error).message })
}
