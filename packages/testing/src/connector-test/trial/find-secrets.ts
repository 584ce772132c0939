import { inspect } from 'node:util'

/** The first and last characters of a secret tell it too. */
const tellingLength = 12

/** Everything about a value that a host could print. */
export const printed = (value: unknown): string =>
  inspect(value, { depth: 20, maxStringLength: null, maxArrayLength: null, getters: true, showHidden: true })

/** The first characters of each secret that a text holds: plain, percent-encoded, in hexadecimal or anywhere in Base64. */
export const findSecrets = (text: string, secrets: readonly string[]): string[] =>
  secrets
    .filter((secret) => formsOf(secret).some((form) => text.includes(form)))
    .map((secret) => secret.slice(0, 6))

function formsOf(secret: string): readonly string[] {
  const aligned = [0, 1, 2].map((offset) =>
    Buffer.from('x'.repeat(offset) + secret)
      .toString('base64url')
      .slice(4, -4),
  )
  return [
    secret.slice(0, tellingLength),
    secret.slice(-tellingLength),
    encodeURIComponent(secret),
    Buffer.from(secret).toString('hex'),
    ...aligned,
    ...aligned.map((form) => form.replaceAll('-', '+').replaceAll('_', '/')),
  ]
}
