import { type DriveOptions, Login } from '../../core/index.ts'
import type { Auth, Connack, MqttFrame } from '../frames.ts'
import type { Properties } from '../properties.ts'
import type { Version } from '../tables.ts'

const CONTINUE = 0x18

/** The authentication method, and what it says [3.1.2.11.9]. */
export type Step = Required<Pick<Properties, 'authenticationMethod' | 'authenticationData'>>

/** How a client of MQTT 5 logs in by a method of its own: AUTH packets between CONNECT and CONNACK [4.12]. */
export class Authentication {
  readonly #login: Login | undefined
  readonly #options: DriveOptions
  readonly #version: Version

  constructor(options: DriveOptions, version: Version, send: (frame: MqttFrame) => void) {
    this.#options = options
    this.#version = version
    const { mechanism } = options.settings
    if (mechanism === undefined) return
    const authenticationMethod = String(mechanism)
    this.#login = new Login(authenticationMethod, options, authenticationData =>
      send({ type: 'auth', reasonCode: CONTINUE, properties: { authenticationMethod, authenticationData } }),
    )
  }

  /** For the CONNECT, where there is a method; `false`: there is none to be sent. */
  begin(): Step | undefined | false {
    const login = this.#login
    if (login === undefined) return undefined
    if (this.#version !== 5) {
      this.#options.listener.failed(`${login.mechanism} is for MQTT 5 alone`)
      return false
    }
    const authenticationData = login.begin()
    return authenticationData === undefined ? false : { authenticationMethod: login.mechanism, authenticationData }
  }

  /** 3.15: the server goes on, by the method that it was asked for [MQTT-4.12.0-5]; unasked it must not [MQTT-4.12.0-6]. */
  challenged({ reasonCode, properties }: Auth): void {
    const login = this.#login
    const { authenticationMethod, authenticationData = new Uint8Array(0) } = properties ?? {}
    if (reasonCode === CONTINUE && login !== undefined && authenticationMethod === login.mechanism) {
      login.answer(authenticationData)
    } else this.#options.listener.failed('the server authenticates by what it was not asked for')
  }

  /** The server lets us in: whether to go on. */
  finish({ properties }: Connack): boolean {
    return this.#login?.finish(properties?.authenticationData) ?? true
  }
}
