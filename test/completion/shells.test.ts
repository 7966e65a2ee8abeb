import { describe, test } from 'vitest'
import { SHELLS, type Shell } from '../../src/completion/index.ts'
import { RUN } from '../commands/cli.ts'
import { isMissing } from '../interop/brokers.ts'
import { noTmux, TmuxTerminal } from '../tui/tmux.ts'

/** What lists all that is offered. */
const LIST = { bash: ['Tab', 'Tab'], zsh: ['Tab'] } as const

/** A real shell in a real terminal that has read what `autocomplete filters` prints. */
async function shell(name: Shell): Promise<TmuxTerminal> {
  const terminal = new TmuxTerminal({ columns: 100, rows: 40 })
  const [flags, setup] = { bash: ['--norc', ''], zsh: ['-f', 'autoload -Uz compinit; compinit -D; '] }[name]
  terminal.run(`clear; exec env PS1='begun ' HISTFILE= ${name} ${flags}`)
  await terminal.shows(/^begun *$/m)
  terminal.keys(`PS1='now$ '; mqinspect() { ${process.execPath} ${RUN} "$@"; }`, 'Enter')
  terminal.keys(`${setup}source <(mqinspect autocomplete filters ${name}); clear; echo set`, 'Enter')
  await terminal.shows(/^set\nnow\$ *\n/)
  return terminal
}

describe.each(SHELLS)('%s', name => {
  const missing = noTmux || isMissing(name)

  test.skipIf(missing)('completes the filter that is being written, in quotes of any kind', async () => {
    const terminal = await shell(name)
    const completes = async (typed: string, wanted: string) => {
      terminal.keys('-l', `mqinspect decode x ${typed}`)
      terminal.keys('Tab')
      await terminal.shows(`now$ mqinspect decode x ${wanted}`)
      terminal.keys('C-u')
    }
    await completes(`-Y 'mqtt.qos > 0 && mqtt.keep`, `-Y 'mqtt.qos > 0 && mqtt.keepAlive`)
    await completes('-Y "type == pubc', '-Y "type == pubcomp')
    await completes('-Y mqtt.keep', '-Y mqtt.keepAlive')
    await completes(`--filter='type==pubc`, `--filter='type==pubcomp`)
    await completes('--view flows --fields start,dura', '--view flows --fields start,durationUs')
  })

  test.skipIf(missing)('lists what there is, and leaves the quotes open for more', async () => {
    const terminal = await shell(name)
    terminal.keys('-l', `mqinspect decode x -Y 'mqtt.topic `)
    terminal.keys(...LIST[name])
    await terminal.shows(/contains/)
    terminal.keys('-l', 'con')
    terminal.keys('Tab')
    await terminal.shows(`-Y 'mqtt.topic contains`)
    terminal.keys('-l', ' "a" && type == pubr')
    terminal.keys('Tab')
    await terminal.shows(`-Y 'mqtt.topic contains "a" && type == pubre`)
    terminal.keys(...LIST[name])
    await terminal.shows(/^pubrec .*\n*.*pubrel/m)
  })

  test.skipIf(missing)('completes files elsewhere', async () => {
    const terminal = await shell(name)
    terminal.keys('-l', 'mqinspect decode pack')
    terminal.keys('Tab')
    await terminal.shows('now$ mqinspect decode package')
  })
})
