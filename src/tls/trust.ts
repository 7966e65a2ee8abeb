import type { StoredAuthority } from './store.ts'

/** How clients are made to trust the user's authority, for people. */
export const trustAdvice = ({ file }: StoredAuthority): string =>
  [
    'It signs what TLS clients of mqinspect are shown, and is for this user alone: keep its key to yourself.',
    'A client that is to accept that must trust this file. Give it to the client, rather than to the whole machine:',
    `  mosquitto_pub, _sub   --cafile ${file}`,
    `  Node.js, MQTT.js      NODE_EXTRA_CA_CERTS=${file}, or the option ca`,
    `  Python                ssl.create_default_context(cafile="${file}")`,
    `  Java                  keytool -importcert -noprompt -alias mqinspect -file ${file} \\`,
    '                          -keystore trust.p12 -storepass changeit;',
    '                        java -Djavax.net.ssl.trustStore=trust.p12 -Djavax.net.ssl.trustStorePassword=changeit',
    `  openssl s_client      -CAfile ${file}`,
    '  the whole machine     docs/tls.md says how, and how to take it back',
  ].join('\n')
