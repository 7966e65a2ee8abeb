import type { Plan } from './plan.ts'
import { account } from './proof.ts'
import { run } from './run.ts'

const [
  url = 'mqtt://127.0.0.1:18830',
  protocol = 'mqtt',
  mode = '1000',
  secs = '5',
  settings = '{}',
  workers = '1',
  inFlight = '100',
  size = '100',
  pubs = '1',
  dest = 'load/test',
  cons = '1',
  settles = 'true',
] = process.argv.slice(2)
const group = {
  url,
  protocol,
  version: undefined,
  user: undefined,
  password: undefined,
  virtualHost: undefined,
  keepAlive: 60,
  inFlight: Number(inFlight),
  credit: 0,
  settings: JSON.parse(settings),
  connectRate: Infinity,
  lifetime: Infinity,
  reconnect: { delay: 1000, most: Infinity },
}
const plan: Plan = {
  run: (Math.random() * 2 ** 32) >>> 0,
  seconds: Number(secs),
  drain: 3,
  interval: 1,
  timeout: 10,
  tls: { ca: undefined, insecure: false, 'client-cert': undefined, 'client-key': undefined },
  groups: [
    {
      ...group,
      name: 'publishers',
      clientId: 'mqi-p-%i',
      clients: Number(pubs),
      publish: {
        destinations: [dest],
        bodies: [{ size: Number(size) }],
        stages: mode === 'max' ? undefined : [{ from: Number(mode), to: Number(mode), seconds: Number(secs) }],
        spacing: 'even',
        most: Infinity,
        patience: Infinity,
        contentType: undefined,
        headers: undefined,
        requests: false,
      },
      consume: undefined,
    },
    ...(cons === '0'
      ? []
      : [
          {
            ...group,
            name: 'consumers',
            clientId: 'mqi-c-%i',
            clients: Number(cons),
            publish: undefined,
            consume: {
              sources: [dest],
              settles: settles === 'true',
              every: 1,
              work: 0,
              rejects: 0,
              releases: 0,
              after: 0,
              replies: false,
            },
          },
        ]),
  ],
}
const controller = new AbortController()
process.on('SIGINT', () => controller.abort())
const cpu = process.cpuUsage()
const r = await run({
  plan,
  workers: Number(workers),
  signal: controller.signal,
  interval: i => {
    const m = i.measures
    console.log(
      i.from.toFixed(1),
      i.to.toFixed(1),
      'sent',
      i.counts.sent,
      'conf',
      i.counts.confirmed,
      'del',
      i.counts.delivered,
      'late',
      i.counts.late,
      'lag',
      i.lag.p50,
      i.lag.p99,
      'conf',
      m['publish-confirm']?.latency.p50,
      m['publish-confirm']?.latency.p99,
      m['publish-confirm']?.service.p50,
      'deliv',
      m['publish-deliver']?.latency.p50,
      m['publish-deliver']?.latency.p99,
      'busy',
      i.busy.toFixed(2),
      i.cpuSeconds.toFixed(2),
      (i.memory / 1e6).toFixed(0),
    )
  },
})
const c = process.cpuUsage(cpu)
console.log(account(plan, r.gathered.total.counts, r.streams, r.subscriptions))
const n = r.gathered.total.counts
console.log(
  n,
  r.gathered.told,
  r.seconds,
  'per cpu s',
  (n.sent / ((c.user + c.system) / 1e6)).toFixed(0),
  'rate',
  (n.sent / r.seconds).toFixed(0),
)
