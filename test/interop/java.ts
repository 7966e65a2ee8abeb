import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Broker, folderFor, freePorts, start } from './brokers.ts'

/** Brokers written in Java: no persistence, no security, and a JVM that starts fast. */

const JVM = ['-Xmx256m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC']

/** Where Debian's package puts ActiveMQ. */
const ACTIVEMQ = '/usr/share/activemq'
/** What its MQTT connector needs, of a package that it does not depend on: libmqtt-client-java. */
export const MQTT_CLIENT = '/usr/share/java/mqtt-client.jar'

export interface ActiveMq extends Broker {
  readonly stomp: number
  readonly mqtt: number
}

/** With whom it lets in, where that is not anybody. */
export async function activemq(user?: { readonly name: string; readonly password: string }): Promise<ActiveMq> {
  const folder = folderFor('activemq')
  const [stomp, mqtt] = (await freePorts(2)) as [number, number]
  const [beans, core] = ['http://www.springframework.org/schema/beans', 'http://activemq.apache.org/schema/core']
  const schemas = `${beans} ${beans}/spring-beans-2.0.xsd ${core} ${core}/activemq-core.xsd`
  const security =
    user === undefined
      ? ''
      : `<plugins>
          <simpleAuthenticationPlugin>
            <users><authenticationUser username="${user.name}" password="${user.password}" groups="users"/></users>
          </simpleAuthenticationPlugin>
        </plugins>`
  const config = `
    <beans xmlns="${beans}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="${schemas}">
      <broker xmlns="${core}" brokerName="mqinspect" useJmx="false" persistent="false" dataDirectory="${folder}/data">
        ${security}
        <transportConnectors>
          <transportConnector name="mqtt" uri="mqtt://127.0.0.1:${mqtt}"/>
          <transportConnector name="stomp" uri="stomp://127.0.0.1:${stomp}"/>
        </transportConnectors>
      </broker>
    </beans>`
  writeFileSync(join(folder, 'activemq.xml'), config)
  mkdirSync(join(folder, 'lib'))
  if (existsSync(MQTT_CLIENT)) symlinkSync(MQTT_CLIENT, join(folder, 'lib/mqtt-client.jar'))
  const home = [`-Dactivemq.home=${ACTIVEMQ}`, `-Dactivemq.base=${folder}`]
  const command = ['-jar', join(ACTIVEMQ, 'bin/activemq.jar'), 'start', `xbean:file:${folder}/activemq.xml`]
  // Connectors start in their order: where the last one answers, all do.
  const broker = await start('java', [...JVM, ...home, ...command], { port: stomp, folder })
  return { ...broker, stomp, mqtt }
}

/**
 * Artemis comes from Maven, into this folder:
 *
 *     mvn -q -B -f test/interop/artemis-pom.xml dependency:copy-dependencies
 *
 * Where the variable names the folder, it must be there.
 */
const ARTEMIS =
  process.env.MQINSPECT_ARTEMIS ?? fileURLToPath(new URL('../../node_modules/.cache/artemis', import.meta.url))

const JAAS = 'org.apache.activemq.artemis.spi.core.security.jaas'

export function isArtemisMissing(): boolean {
  const missing = !existsSync(ARTEMIS) || !readdirSync(ARTEMIS).some(name => name.startsWith('artemis-cli-'))
  if (missing && process.env.MQINSPECT_ARTEMIS !== undefined)
    throw new Error(`no Artemis in MQINSPECT_ARTEMIS=${ARTEMIS}`)
  return missing
}

export interface Artemis extends Broker {
  /** For AMQP 1.0 alone, and who logs in by SCRAM-SHA-512. */
  readonly scram: number
}

/** A user that Artemis knows, where it asks. */
export const ARTEMIS_USER = { name: 'ann', password: 'pencil' }

/**
 * Artemis, with one port for AMQP 1.0, MQTT and STOMP: it tells them apart by their first bytes. Another asks who comes.
 * `limits` are settings of all addresses: `<max-size-bytes>…`.
 */
export async function artemis(limits = ''): Promise<Artemis> {
  const folder = folderFor('artemis')
  const [port, scram] = (await freePorts(2)) as [number, number]
  const etc = join(folder, 'etc')
  const schema = 'http://activemq.apache.org/schema'
  const files = {
    'management.xml': `<management-context xmlns="${schema}"/>`,
    'bootstrap.xml': `
      <broker xmlns="${schema}">
        <jaas-security domain="activemq"/>
        <server configuration="file:${etc}/broker.xml"/>
      </broker>`,
    'broker.xml': `
      <configuration xmlns="urn:activemq">
        <core xmlns="urn:activemq:core">
          <name>mqinspect</name>
          <persistence-enabled>false</persistence-enabled>
          <security-enabled>false</security-enabled>
          <journal-type>NIO</journal-type>
          <acceptors>
            <acceptor name="any">tcp://127.0.0.1:${port}?protocols=AMQP,MQTT,STOMP;webSocketMaxFramePayloadLength=1048576</acceptor>
            <acceptor name="scram">tcp://127.0.0.1:${scram}?protocols=AMQP;saslMechanisms=SCRAM-SHA-512;saslLoginConfigScope=scram</acceptor>
          </acceptors>
          <address-settings><address-setting match="#">${limits}</address-setting></address-settings>
        </core>
      </configuration>`,
    'login.config': `
      activemq { ${JAAS}.GuestLoginModule required; };
      scram {
        ${JAAS}.SCRAMPropertiesLoginModule required
          org.apache.activemq.jaas.properties.user="users.properties"
          org.apache.activemq.jaas.properties.role="roles.properties";
      };`,
    'users.properties': `${ARTEMIS_USER.name} = ${ARTEMIS_USER.password}\n`,
    'roles.properties': '',
  }
  mkdirSync(etc)
  for (const [name, content] of Object.entries(files)) writeFileSync(join(etc, name), content)
  const properties = { instance: folder, home: folder, 'instance.etc': etc }
  const home = Object.entries(properties).map(([name, value]) => `-Dartemis.${name}=${value}`)
  const main = ['-cp', `${ARTEMIS}/*`, 'org.apache.activemq.artemis.cli.Artemis', 'run', `xml:${etc}/bootstrap.xml`]
  const login = `-Djava.security.auth.login.config=${etc}/login.config`
  const broker = await start('java', [...JVM, ...home, login, `-Ddata.dir=${folder}/data`, ...main], { port, folder })
  return { ...broker, scram }
}
