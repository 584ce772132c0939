/** One server-sent event, or a comment. */
export interface ServerEvent {
  readonly id?: string | undefined
  readonly event?: string | undefined
  readonly data?: string | undefined
  readonly comment?: string | undefined
  readonly retry?: string | undefined
}

/** The events of an answer, in order; a reader that stops early closes the connection. */
export async function* readEvents(response: Response): AsyncGenerator<ServerEvent, void, void> {
  if (!response.body) return
  let rest = ''
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    rest += chunk
    const parts = rest.split('\n\n')
    rest = parts.pop() ?? ''
    for (const part of parts) yield parse(part)
  }
  if (rest !== '') throw new Error(`The stream ended within an event: ${rest}`)
}

function parse(text: string): ServerEvent {
  const fields = text.split('\n').map((line) => {
    const at = line.indexOf(':')
    return [at === 0 ? 'comment' : line.slice(0, at), line.slice(at + 1).trimStart()]
  })
  return Object.fromEntries(fields)
}
