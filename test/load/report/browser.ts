import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** A browser without a screen, driven by its DevTools protocol (https://chromedevtools.github.io/devtools-protocol). */

export const BROWSER = 'chromium'

interface Answer {
  readonly id?: number
  readonly method?: string
  readonly params?: Readonly<Record<string, never>>
  readonly result?: unknown
  readonly error?: { readonly message: string }
}

export class Browser {
  readonly #child: ChildProcess
  readonly #folder: string
  readonly #socket: WebSocket
  #session: string | undefined
  #sent = 0
  readonly #waiting = new Map<number, (answer: Answer) => void>()
  readonly #loads: (() => void)[] = []
  /** What the page complained of: exceptions, and what its policy forbade. */
  readonly complaints: string[] = []
  /** What it asked for. */
  readonly requests: string[] = []

  private constructor(child: ChildProcess, folder: string, socket: WebSocket) {
    this.#child = child
    this.#folder = folder
    this.#socket = socket
    socket.onmessage = ({ data }) => this.#heard(JSON.parse(String(data)))
  }

  static async start(): Promise<Browser> {
    const folder = mkdtempSync(join(tmpdir(), 'mqinspect-browser-'))
    const child = spawn(
      BROWSER,
      [
        ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run'],
        ...['--remote-debugging-port=0', `--user-data-dir=${folder}`, 'about:blank'],
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    )
    const socket = new WebSocket(await listening(child))
    await once(socket, 'open')
    const browser = new Browser(child, folder, socket)
    const { targetId } = await browser.send<{ targetId: string }>('Target.createTarget', { url: 'about:blank' })
    const { sessionId } = await browser.send<{ sessionId: string }>('Target.attachToTarget', {
      targetId,
      flatten: true,
    })
    browser.#session = sessionId
    for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await browser.send(`${domain}.enable`)
    return browser
  }

  send<T = unknown>(method: string, params: object = {}): Promise<T> {
    const id = ++this.#sent
    this.#socket.send(JSON.stringify({ id, method, params, sessionId: this.#session }))
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, ({ result, error }) => {
        if (error === undefined) resolve(result as T)
        else reject(new Error(`${method}: ${error.message}`))
      })
    })
  }

  /** Shows a file on a screen of this size; `dark` is what its user asked for. */
  async show(path: string, width: number, height: number, dark = false): Promise<void> {
    this.complaints.length = 0
    this.requests.length = 0
    await this.send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: width < 600 })
    const features = [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }]
    await this.send('Emulation.setEmulatedMedia', { features })
    const loaded = new Promise<void>(resolve => this.#loads.push(resolve))
    await this.send('Page.navigate', { url: pathToFileURL(path).href })
    await loaded
  }

  /** What an expression comes to in the page. */
  async value<T>(expression: string): Promise<T> {
    const { result } = await this.send<{ result: { value: T } }>('Runtime.evaluate', {
      expression,
      returnByValue: true,
    })
    return result.value
  }

  async moveTo(x: number, y: number): Promise<void> {
    await this.send('Input.dispatchMouseEvent', { type: 'mouseMoved', x, y })
  }

  /** The whole page, as PNG. */
  async picture(): Promise<Buffer> {
    const { data } = await this.send<{ data: string }>('Page.captureScreenshot', { captureBeyondViewport: true })
    return Buffer.from(data, 'base64')
  }

  async close(): Promise<void> {
    const exited = once(this.#child, 'exit')
    await this.send('Browser.close')
    await exited
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  }

  #heard({ id, method, params, ...answer }: Answer): void {
    if (id !== undefined) {
      this.#waiting.get(id)?.(answer)
      this.#waiting.delete(id)
    } else if (method === 'Page.loadEventFired') this.#loads.shift()?.()
    else if (method === 'Runtime.exceptionThrown' || method === 'Log.entryAdded') {
      this.complaints.push(JSON.stringify(params))
    } else if (method === 'Network.requestWillBeSent') {
      this.requests.push((params as { request?: { url: string } } | undefined)?.request?.url ?? '')
    }
  }
}

/** Where a browser that was started can be talked to. */
async function listening(child: ChildProcess): Promise<string> {
  let said = ''
  return new Promise((resolve, reject) => {
    child.on('exit', code => reject(new Error(`the browser ended with ${code}:\n${said}`)))
    child.stderr?.setEncoding('utf8').on('data', text => {
      said += text
      const [, url] = /DevTools listening on (ws:\S+)/.exec(said) ?? []
      if (url !== undefined) resolve(url)
    })
  })
}
