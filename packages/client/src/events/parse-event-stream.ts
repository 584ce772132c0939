/** One event of a stream (WHATWG HTML, "server-sent events"). */
interface ServerSentEvent {
  /** Of this event, or of the last one before it that had one. */
  readonly id: string
  readonly event: string
  readonly data: string
}

interface EventStreamParser {
  /** The events that are complete with this piece of text, which may end anywhere. */
  push(text: string): readonly ServerSentEvent[]
  /** How long to wait before coming back, when the stream has said so. */
  readonly retryMs: number | undefined
}

/** What an event is made of until its empty line. */
interface Draft {
  id: string
  event: string
  data: string[]
}

/** What a stream ends with before its empty line is no event. */
export function createEventStreamParser(): EventStreamParser {
  const draft: Draft = { id: '', event: '', data: [] }
  let rest = ''
  let retryMs: number | undefined
  const take = (line: string): ServerSentEvent | undefined => {
    if (line === '') return complete(draft)
    const at = line.indexOf(':')
    const field = at < 0 ? line : line.slice(0, at)
    const value = at < 0 ? '' : line.slice(at + 1).replace(/^ /, '')
    if (field === 'data') draft.data.push(value)
    else if (field === 'event') draft.event = value
    else if (field === 'id' && !value.includes('\0')) draft.id = value
    else if (field === 'retry' && /^\d{1,9}$/.test(value)) retryMs = Number(value)
    return undefined
  }
  return {
    push(text) {
      // A CR at the very end may be the first half of a line break.
      const lines = (rest + text).split(/\r\n|\n|\r(?!$)/)
      rest = lines.pop() ?? ''
      return lines.map(take).filter((event) => event !== undefined)
    },
    get retryMs() {
      return retryMs
    },
  }
}

function complete(draft: Draft): ServerSentEvent | undefined {
  const { id, event, data } = draft
  draft.event = ''
  draft.data = []
  return data.length > 0 ? { id, event: event || 'message', data: data.join('\n') } : undefined
}
