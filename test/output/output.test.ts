import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, writeSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { Output } from '../../src/output/index.ts'
import { written } from './shown.ts'

const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill()
})

const OUTPUT = new URL('../../src/output/output.ts', import.meta.url).href

/** A process that runs `script`, in which `Output` is at hand; what it says on stderr, and its exit code. */
function run(script: string): { child: ChildProcess; ended: Promise<{ code: number | null; stderr: string }> } {
  const source = `import { Output } from ${JSON.stringify(OUTPUT)}\n${script}`
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: ['pipe', 'pipe', 'pipe'] })
  children.push(child)
  let stderr = ''
  child.stderr?.on('data', data => (stderr += data))
  return { child, ended: new Promise(resolve => child.on('close', code => resolve({ code, stderr }))) }
}

describe('Output', () => {
  it('writes everything, in order, however it came', async () => {
    const parts = Array.from({ length: 5000 }, (_, at) => `${at} ${'ö'.repeat(at % 100)}\n`)
    expect(
      await written(output => {
        for (const part of parts) output.write(part)
      }),
    ).toBe(parts.join(''))
  })

  it('writes a little at once, without being ended', async () => {
    const { child } = run(`new Output(1).write('hello\\n'); process.stdin.resume()`)
    const first = await new Promise(resolve => child.stdout?.once('data', data => resolve(String(data))))
    expect(first).toBe('hello\n')
  })

  it('lets a reader that stops hold up nothing but its source', async () => {
    const script = `
      const output = new Output(1)
      const line = 'x'.repeat(1023) + '\\n'
      let waits = 0
      const tick = setInterval(() => {}, 1)
      for (let n = 0; n < 8192; n++) {
        output.write(line)
        const ready = output.ready()
        if (ready !== undefined) {
          if (waits++ === 0) console.error('waiting')
          await ready
        }
      }
      await output.end()
      clearInterval(tick)
      console.error('waited ' + (waits > 0))`
    const { child, ended } = run(script)
    // Not reading: the pipe fills up, the process must still be alive to say so.
    await new Promise(resolve => child.stderr?.once('data', resolve))
    let read = 0
    child.stdout?.on('data', data => (read += data.length))
    expect(await ended).toEqual({ code: 0, stderr: 'waiting\nwaited true\n' })
    expect(read).toBe(8192 * 1024)
  })

  it('drops and counts where traffic must not wait, whole writes only', async () => {
    const script = `
      const output = new Output(1, { dropAbove: 100_000 })
      for (let n = 0; n < 1000; n++) output.write(String(n).padStart(999) + '\\n')
      console.error(output.dropped)
      await output.end()`
    const { child, ended } = run(script)
    let text = ''
    child.stdout?.on('data', data => (text += data))
    const { stderr } = await ended
    const lines = text.split('\n').slice(0, -1)
    expect(Number(stderr)).toBeGreaterThan(0)
    expect(lines).toHaveLength(1000 - Number(stderr))
    for (const line of lines) expect(line).toHaveLength(999)
  })

  it('ends quietly when its reader goes away', async () => {
    const script = `
      let gone = 0
      const output = new Output(1, { onGone: () => gone++ })
      while (!output.gone) {
        output.write('x'.repeat(1000) + '\\n')
        await output.ready()
        await new Promise(setImmediate)
      }
      output.write('more')
      await output.end()
      console.error('gone ' + gone)`
    const { child, ended } = run(script)
    child.stdout?.once('data', () => child.stdout?.destroy())
    expect(await ended).toEqual({ code: 0, stderr: 'gone 1\n' })
  })

  it('goes on when a pipe that does not block is full', async () => {
    const path = join(tmpdir(), `mqinspect-output-${process.pid}.sock`)
    const accepted: Promise<Socket> = new Promise(resolve => {
      const server = createServer(socket => {
        server.close()
        resolve(socket)
      }).listen(path)
    })
    // A socket that libuv opened is non-blocking: writing its descriptor ourselves gives EAGAIN once it is full.
    const script = `
      import { connect } from 'node:net'
      const socket = connect(${JSON.stringify(path)})
      await new Promise(resolve => socket.once('connect', resolve))
      const output = new Output(socket._handle.fd)
      for (let n = 0; n < 4096; n++) output.write('y'.repeat(1023) + '\\n')
      console.error('written')
      await output.end()
      socket.destroy()`
    const { ended } = run(script)
    const socket = await accepted
    await new Promise(resolve => setTimeout(resolve, 100))
    let read = 0
    socket.on('data', data => (read += data.length))
    expect(await ended).toEqual({ code: 0, stderr: 'written\n' })
    expect(read).toBe(4096 * 1024)
  })

  it('says why it cannot write', async () => {
    const fd = openSync('/dev/full', 'w')
    try {
      expect(() => writeSync(fd, 'x')).toThrow('ENOSPC')
      const output = new Output(fd)
      output.write('x')
      await expect(output.end()).rejects.toMatchObject({
        exit: 1,
        message: 'could not write the output: no space left on device',
      })
      await expect(output.ready()).rejects.toThrow('no space left')
    } finally {
      closeSync(fd)
    }
  })
})
