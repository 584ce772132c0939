/** One event of a stream (WHATWG HTML, "server-sent events"). */
interface ServerSentEvent {
  /** Of this event, or of the last one before it that had one. */
  readonly id: string
  readonly event: string
  readonly data: string
}

interface EventStreamParser {
  /**
   * The events that are complete with this piece of text, which may end anywhere.
   * @throws RangeError for an event of more characters than any state of a run has
   */
  push(text: string): readonly ServerSentEvent[]
  /** How long to wait before coming back, when the stream has said so. */
  readonly retryMs: number | undefined
}

/** What an event is made of until its empty line. */
interface Draft {
  id: string
  event: string
  data: string[]
  /** Characters of `data`, with its line breaks. */
  length: number
}

/** Characters that a line and the data of an event may have. */
const longest = 1_048_576

/** What a stream ends with before its empty line is no event. */
export function createEventStreamParser(): EventStreamParser {
  const draft: Draft = { id: '', event: '', data: [], length: 0 }
  /** Pieces of the line that is not complete yet. They are joined once, when its break has come. */
  let pieces: string[] = []
  let pending = 0
  let retryMs: number | undefined
  const take = (line: string): ServerSentEvent | undefined => {
    if (line === '') return complete(draft)
    const at = line.indexOf(':')
    const field = at < 0 ? line : line.slice(0, at)
    const value = at < 0 ? '' : line.slice(at + 1).replace(/^ /, '')
    if (field === 'data') {
      draft.length += value.length + 1
      requireBounded(draft.length)
      draft.data.push(value)
    } else if (field === 'event') draft.event = value
    else if (field === 'id' && !value.includes('\0')) draft.id = value
    else if (field === 'retry' && /^\d{1,9}$/.test(value)) retryMs = Number(value)
    return undefined
  }
  return {
    push(text) {
      if (text === '') return []
      // A CR at the very end may be the first half of a line break: it waits for what follows.
      const held = pieces.at(-1)?.endsWith('\r') ? (pieces.pop() ?? '') : ''
      pending -= held.length
      const lines = (held + text).split(/\r\n|\n|\r(?!$)/)
      const [first = ''] = lines
      if (lines.length > 1) {
        requireBounded(pending + first.length)
        lines[0] = pieces.join('') + first
        pieces = []
        pending = 0
      }
      const rest = lines.pop() ?? ''
      pieces.push(rest)
      pending += rest.length
      requireBounded(pending)
      return lines.map(take).filter((event) => event !== undefined)
    },
    get retryMs() {
      return retryMs
    },
  }
}

function requireBounded(length: number): void {
  if (length > longest) throw new RangeError(`An event has more than ${longest} characters`)
}

function complete(draft: Draft): ServerSentEvent | undefined {
  const { id, event, data } = draft
  draft.event = ''
  draft.data = []
  draft.length = 0
  return data.length > 0 ? { id, event: event || 'message', data: data.join('\n') } : undefined
}
