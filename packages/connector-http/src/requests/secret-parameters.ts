/** Query parameters an authenticator wrote, by name and value: they prove who asks. */
export type SecretParameters = readonly (readonly [name: string, value: string])[]

export const addedParameters = (before: URL, after: URL): SecretParameters =>
  [...after.searchParams].filter(([name, value]) => !before.searchParams.getAll(name).includes(value))

/** A shorter one is met by chance. */
const leastTellingLength = 8

/** The address without them: whatever the case of their names, and under another name where the value tells. */
export function withoutParameters(url: URL, secrets: SecretParameters): URL {
  const left = new URL(url)
  for (const [name, value] of url.searchParams) {
    const isSecret = secrets.some(
      ([secretName, secret]) =>
        secretName.toLowerCase() === name.toLowerCase() ||
        (secret === value && secret.length >= leastTellingLength),
    )
    if (isSecret) left.searchParams.delete(name, value)
  }
  return left
}
