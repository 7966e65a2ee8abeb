#!/usr/bin/env node
// Kept to what old versions of Node can read, so that they can say what is missing.
import { spawn } from 'node:child_process'
import { closeSync, existsSync, openSync } from 'node:fs'
import module from 'node:module'
import { fileURLToPath } from 'node:url'
import v8 from 'node:v8'

function hasTerminal() {
  try {
    closeSync(openSync('/dev/tty', 'r'))
    return true
  } catch {
    return false
  }
}

const [major, minor] = process.versions.node.split('.').map(Number)

if (major > 22 || (major === 22 && minor >= 15)) {
  module.enableCompileCache()
  // Nearly all objects are those of one frame and die with it. V8 would double the space for young ones again and again,
  // up to 100 MB of memory; it does without. Only versions that are known to know the flag: others print an error.
  if (major <= 24) v8.setFlagsFromString('--semi-space-growth-factor=1')
  // React tells apart when it is loaded whether it is developed with: several times as much time and memory.
  process.env.NODE_ENV ||= 'production'
  // For who debugs, traces name the lines of the source; it takes time that nobody else need spend.
  if (process.env.DEBUG) process.setSourceMapsEnabled(true)
  const { main } = await import('../dist/src/cli.js')
  await main(process.argv.slice(2))
} else {
  // In a checkout, the Node that `npm ci` brought along.
  const newer = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url))
  if (existsSync(newer)) {
    const child = spawn(newer, [...process.execArgv, ...process.argv.slice(1)], { stdio: 'inherit' })
    // On a terminal Ctrl-C reaches the child by itself, and a second one would end it at once; what is sent to this
    // process alone is passed on.
    process.on('SIGINT', () => hasTerminal() || child.kill('SIGINT'))
    for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
    child.on('exit', (code, signal) => {
      if (signal === null) process.exit(code)
      process.removeAllListeners(signal)
      process.kill(process.pid, signal)
    })
  } else {
    console.error(`mqinspect needs Node 22.15 or newer; this is ${process.versions.node}`)
    process.exitCode = 1
  }
}
