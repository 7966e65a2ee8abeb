import type { LoadRequest } from '../../src/load/request.ts'

/** As the command gives them where nothing is said. */
export const USUAL: LoadRequest = {
  ...{ upstream: [], given: new Set(), publishers: 1, consumers: 1, idle: 0, destination: ['mqinspect/load'] },
  ...{
    spacing: 'even',
    request: false,
    cleanup: false,
    spread: false,
    ack: true,
    'ack-every': 1,
    reconnect: '1s',
    timeout: '10s',
    drain: '5s',
  },
  ...{ workers: 1, step: '5s', 'allow-loss': false, interval: '1s', 'yes-i-own-this-broker': false, json: false },
  ...{ quiet: false, screen: false, 'no-color': true, 'otlp-anywhere': false },
}

/** Flags as on the command line. */
export const said = (flags: Partial<LoadRequest>): LoadRequest => ({
  ...USUAL,
  ...flags,
  given: new Set(Object.keys(flags)),
})
