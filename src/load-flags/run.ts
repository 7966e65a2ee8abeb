import { Flags, settings } from '../command.ts'
import { many } from './many.ts'

/** What is of a run: what must hold, when it ends, what is told of it. */
export const runFlags = settings({
  threshold: Flags.string({
    ...many,
    description:
      "what must hold: 'publish-confirm p(99) < 50ms', 'lost == 0'; exit code 99; 'p99 < 50ms abort after 10s' ends the run; repeatable",
    helpValue: 'TEXT',
    helpGroup: 'VERDICT',
  }),
  'find-limit': Flags.string({
    description: "search for the highest rate at which this holds: 'p99<50ms'",
    helpValue: 'TEXT',
    helpGroup: 'VERDICT',
    exclusive: ['stages', 'duration', 'count', 'consume-count'],
  }),
  step: Flags.string({
    default: '5s',
    description: 'how long --find-limit holds each rate, each time that it tries it',
    helpValue: 'TIME',
    helpGroup: 'VERDICT',
  }),
  'allow-loss': Flags.boolean({
    description: 'deliveries and replies that never came are no failure',
    helpGroup: 'VERDICT',
  }),
  report: Flags.string({
    ...many,
    description: 'write the result: .html .json .csv .hlog .xml (JUnit) .md; repeatable',
    helpValue: 'FILE',
    helpGroup: 'OUTPUT',
  }),
  compare: Flags.boolean({
    description: 'load nothing: compare two results, A.json B.json, and tell how sure that is',
    helpGroup: 'VERDICT',
  }),
  'max-regression': Flags.string({
    description: 'of --compare: exit with 99 where B is shown to be worse by more than this: 10%',
    helpValue: 'SHARE',
    helpGroup: 'VERDICT',
    dependsOn: ['compare'],
  }),
  prometheus: Flags.string({
    description: 'serve metrics while it runs; on loopback, where no host is given',
    helpValue: '[HOST:]PORT',
    helpGroup: 'OUTPUT',
  }),
  otlp: Flags.string({
    description: 'send metrics to an OpenTelemetry collector on this machine: http://localhost:4318',
    helpValue: 'URL',
    helpGroup: 'OUTPUT',
  }),
  'no-tui': Flags.boolean({
    description: 'print lines on a terminal too, instead of showing them on a screen',
    helpGroup: 'OUTPUT',
  }),
  'otlp-anywhere': Flags.boolean({ description: 'the collector may be elsewhere', helpGroup: 'OUTPUT' }),
  'save-scenario': Flags.string({
    description: 'write what the command line says as a scenario, too; without passwords and other secrets',
    helpValue: 'FILE.yaml',
    helpGroup: 'OUTPUT',
  }),
  interval: Flags.string({
    default: '1s',
    description: 'how often to tell how it goes',
    helpValue: 'TIME',
    helpGroup: 'OUTPUT',
  }),
  workers: Flags.integer({
    min: 1,
    max: 64,
    default: 1,
    description: 'threads to share the work; one is enough for most brokers',
    helpValue: 'N',
  }),
  'until-idle': Flags.string({
    description: 'end when nothing was delivered for so long: -x 0 empties a queue',
    helpValue: 'TIME',
    helpGroup: 'CONSUMING',
  }),
  timeout: Flags.string({ default: '10s', description: 'for a client to be ready', helpValue: 'TIME' }),
  'startup-timeout': Flags.string({
    description: 'how long to try, before the run, until each broker is there; as in docker compose and CI',
    helpValue: 'TIME',
  }),
  drain: Flags.string({
    default: '5s',
    description: 'how long in the end to wait for answers and deliveries, when none come any more',
    helpValue: 'TIME',
  }),
  'yes-i-own-this-broker': Flags.boolean({ description: 'load a broker that is not on this machine' }),
})
