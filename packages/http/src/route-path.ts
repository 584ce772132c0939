/** A path of the table with its parameters put in, encoded. @throws TypeError for a parameter that is missing */
export function fillPath(path: string, values: Readonly<Record<string, string>>): string {
  return path.replace(/:([A-Za-z]+)/g, (_, name: string) => {
    const value = values[name]
    if (value === undefined) throw new TypeError(`Path ${path} needs "${name}"`)
    return encodeURIComponent(value)
  })
}

/** The same path as OpenAPI writes it. */
export const templateOf = (path: string): string => path.replace(/:([A-Za-z]+)/g, '{$1}')
