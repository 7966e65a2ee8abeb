import { expect, it } from 'vitest'
import { withoutSecrets } from '../../../codecs/carriers/index.ts'
import { isSecretHeader } from '../../../codecs/carriers/websocket/secrets.ts'
import { subprotocols } from '../../../codecs/carriers/websocket/tables.ts'
import { codecs } from '../../../codecs/index.ts'

it.each([
  ['GET /mqtt?access_token=abc HTTP/1.1', 'GET /mqtt?access_token=* HTTP/1.1'],
  ['GET /mqtt?a=1&token=abc&b=2 HTTP/1.1', 'GET /mqtt?a=1&token=*&b=2 HTTP/1.1'],
  ['GET /mqtt?accessToken=abc&password=x%26y HTTP/1.1', 'GET /mqtt?accessToken=*&password=* HTTP/1.1'],
  // AWS IoT and Azure sign the URL.
  [
    'GET /mqtt?X-Amz-Credential=AK%2Fx&X-Amz-Date=1&X-Amz-Signature=5f&X-Amz-Security-Token=z HTTP/1.1',
    'GET /mqtt?X-Amz-Credential=*&X-Amz-Date=1&X-Amz-Signature=*&X-Amz-Security-Token=* HTTP/1.1',
  ],
  ['GET /$iothub?sr=hub&sig=a%3D&se=1 HTTP/1.1', 'GET /$iothub?sr=hub&sig=*&se=1 HTTP/1.1'],
  ['GET /mqtt?%74oken=abc HTTP/1.1', 'GET /mqtt?%74oken=* HTTP/1.1'],
  ['GET /mqtt?token=a=b=c HTTP/1.1', 'GET /mqtt?token=* HTTP/1.1'],
  ['GET /mqtt?%zz=1&jwt=abc HTTP/1.1', 'GET /mqtt?%zz=1&jwt=* HTTP/1.1'],
  // Browsers can add no headers of their own, and put tokens here.
  [
    'Sec-WebSocket-Protocol: base64url.bearer.authorization.k8s.io.ZXlK, v4.channel.k8s.io,mqtt',
    'Sec-WebSocket-Protocol: *, *,mqtt',
  ],
  ['sec-websocket-protocol : MQTT, access_token, eyJh.eyJz.c2ln\r\n', 'sec-websocket-protocol : MQTT, *, *\r\n'],
  ['Location: https://me:hunter2@host/#id_token=abc', 'Location: https://me:*@host/#id_token=*'],
])('hides what is secret of %s', (line, shown) => {
  expect(withoutSecrets(line, '*')).toBe(shown)
})

it.each([
  'GET /mqtt HTTP/1.1',
  'GET /token/password?client=abc&keyboard=1&passenger=2 HTTP/1.1',
  'GET /mqtt?token=&b=2 HTTP/1.1',
  'Host: broker:8080',
  'Sec-WebSocket-Protocol: v12.stomp, v11.stomp,amqp\r\n',
  'Sec-WebSocket-Protocol:',
  'Referer: https://me@host:80/',
])('leaves %s as it is', line => {
  expect(withoutSecrets(line, '*')).toBe(line)
})

it('knows the headers that are credentials, whatever their case', () => {
  for (const name of ['Authorization', 'proxy-authorization', 'COOKIE', 'Set-Cookie', 'X-Api-Key', 'X-Auth-Token']) {
    expect(isSecretHeader(name), name).toBe(true)
  }
  for (const name of ['Host', 'Sec-WebSocket-Key', 'Sec-WebSocket-Accept', 'Upgrade', 'Origin']) {
    expect(isSecretHeader(name), name).toBe(false)
  }
})

it.each(codecs)('knows the subprotocols of $name', codec => {
  for (const name of codec.subprotocols ?? []) expect(subprotocols, name).toContain(name)
})
