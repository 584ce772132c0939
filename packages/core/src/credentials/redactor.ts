import type { RunError } from '../model/run.ts'
import type { Logger } from '../ports/logger.ts'
import { redactByName, redactByValue } from './redact-text.ts'
import { redactFields, redactJson, redactThrown } from './redact-value.ts'
import { isSecretName, type SecretForms, secretForms } from './secret-forms.ts'

/** Keeps secrets of one credential out of everything that leaves a run (I11), by name and by value. */
export interface Redactor {
  /** Strikes these values from now on, besides those learned before. */
  readonly learn: (values: Readonly<Record<string, string>>) => void
  readonly text: (text: string) => string
  readonly fields: (fields: object) => object
  readonly thrown: (thrown: unknown) => unknown
  readonly runError: (error: RunError) => RunError
  /** Whether a text of upstream's holds a secret that is long enough to be told from chance. */
  readonly finds: (text: string) => boolean
  /** Whether there is any such secret to be found. */
  readonly knowsSecrets: () => boolean
}

/** Old values stay known for a while: a page asked for before a refresh may fail after it. */
const maxSecrets = 64
/** Striking a shorter one would leave no message readable, and guard nothing. */
const leastLength = 4

export function createRedactor(): Redactor {
  const known = new Map<string, SecretForms>()
  let secrets: readonly SecretForms[] = []
  let telling: readonly string[] = []
  const text = (given: string): string => redactByName(redactByValue(given, secrets))
  return {
    learn(values) {
      for (const [name, secret] of Object.entries(values)) {
        if (secret.length < leastLength || !isSecretName(name)) continue
        const forms = known.get(secret) ?? secretForms(secret)
        known.delete(secret)
        known.set(secret, forms)
      }
      for (const oldest of [...known.keys()].slice(0, -maxSecrets)) known.delete(oldest)
      // The longest first: one secret may be a part of another.
      secrets = [...known].toSorted(([a], [b]) => b.length - a.length).map(([, forms]) => forms)
      telling = secrets
        .filter((forms) => forms.telling)
        .flatMap(({ literal, base64 }) => [...literal, ...base64])
    },
    text,
    fields: (fields) => redactFields(fields, text),
    thrown: (thrown) => redactThrown(thrown, text),
    runError: ({ code, message, details }) => ({
      code,
      message: text(message),
      details: details && redactJson(details, text),
    }),
    finds: (given) => telling.some((form) => given.includes(form)),
    knowsSecrets: () => telling.length > 0,
  }
}

/** A logger that strikes what it is given before the host sees it. */
export function redactingLogger(logger: Logger, redactor: Redactor): Logger {
  const log =
    (level: keyof Logger) =>
    (fields: object, message: string): void =>
      logger[level](redactor.fields(fields), redactor.text(message))
  return { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') }
}
