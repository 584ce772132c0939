import type { ConnectorContext, ConnectorType, ListAnswer, ListRequest, Logger } from '@syncline/core'

/** A list function of a connector, with its context. */
export type ListFunction = (request: ListRequest, context: ConnectorContext<unknown>) => Promise<ListAnswer>

export interface Observer {
  readonly onCall: (request: ListRequest) => void
  /** Everything the connector lets out: answers, errors, lines of log, before anything is struck from them. */
  readonly onOutput: (output: unknown) => void
  /** What runs in place of the connector's own list function. @default nothing does */
  readonly around?: ((list: ListFunction) => ListFunction) | undefined
}

/** The same connector type, watched where it meets the library. */
export function observeType(type: ConnectorType, observer: Observer): ConnectorType {
  const { onCall, onOutput, around = (list) => list } = observer
  const watch = async <Answer>(answering: Promise<Answer>): Promise<Answer> => {
    try {
      const answer = await answering
      onOutput(answer)
      return answer
    } catch (error) {
      onOutput(error)
      throw error
    }
  }
  const watched = (context: ConnectorContext<unknown>) => ({
    ...context,
    logger: watchedLogger(context.logger, onOutput),
  })
  const resourceTypes = Object.entries(type.resourceTypes).map(([name, definition]) => {
    const list = around((request, context) => definition.list(request, context))
    return [
      name,
      {
        ...definition,
        list(request: ListRequest, context: ConnectorContext<unknown>) {
          onCall(request)
          return watch(list(request, watched(context)))
        },
      },
    ]
  })
  return {
    ...type,
    resourceTypes: Object.fromEntries(resourceTypes),
    ...(type.check && {
      check: (context: ConnectorContext<unknown>) =>
        watch(type.check?.(watched(context)) ?? Promise.resolve()),
    }),
  }
}

function watchedLogger(logger: Logger, onOutput: Observer['onOutput']): Logger {
  const log =
    (level: keyof Logger) =>
    (fields: object, message: string): void => {
      onOutput([fields, message])
      logger[level](fields, message)
    }
  return { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') }
}
