import { createSyncline, type EventSink, type Syncline, type SynclineOptions } from '@syncline/core'
import type { Command } from 'commander'
import { loadConfig, type SynclineConfig } from './config.ts'
import { openStore, type StoreFlags } from './open-store.ts'

/** Flags of every command. */
export interface SharedFlags extends StoreFlags {
  readonly config?: string | undefined
  readonly json?: boolean | undefined
}

/** An open Syncline with the configuration it came from. */
export interface Session {
  readonly config: SynclineConfig
  readonly syncline: Syncline
  /** Options that `syncline` was created with. */
  readonly host: SynclineOptions
  close(): Promise<void>
}

export interface SessionOptions {
  /** Receives every event, next to the sink of the configuration file. */
  readonly onEvent?: EventSink | undefined
}

/** Opens what the configuration names. Changes nothing in a server's database. */
export async function openSession(flags: SharedFlags, { onEvent }: SessionOptions = {}): Promise<Session> {
  const config = await loadConfig(flags.config)
  const closers: (() => Promise<void>)[] = []
  const close = async (): Promise<void> => {
    for (const closeNext of closers.splice(0).toReversed()) await closeNext()
  }
  try {
    const host = await openHost(config, flags, closers)
    const syncline = createSyncline({ ...host, onEvent: both(onEvent, config.onEvent) })
    closers.push(() => syncline.stop())
    return { config, syncline, host, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Opens a session for one command, and closes it whatever the command comes to. */
export async function inSession(
  command: Command,
  options: SessionOptions,
  work: (session: Session) => Promise<void>,
): Promise<void> {
  const session = await openSession(command.optsWithGlobals<SharedFlags>(), options)
  try {
    await work(session)
  } finally {
    await session.close()
  }
}

/** Options of `createSyncline`; whatever is opened is closed in the opposite order. */
async function openHost(config: SynclineConfig, flags: SharedFlags, closers: (() => Promise<void>)[]) {
  const opened = async <Part extends { close?(): Promise<void> }>(part: Promise<Part> | undefined) => {
    const value = await part
    if (value?.close) closers.push(async () => value.close?.())
    return value
  }
  const store = await openStore(config, flags)
  closers.push(() => store.close())
  const queue = await opened(config.queue?.())
  const credentials = await config.credentials?.()
  const cache = await opened(config.cache?.())
  const rateLimiter = await opened(config.rateLimiter?.())
  const { close: closePeople, ...people } = (await config.people?.()) ?? {}
  if (closePeople) closers.push(closePeople)
  const { allowedNetworks, limits, retention, logger, onWebhook, clock, random, createRunId } = config
  return {
    store,
    queue,
    credentials,
    cache,
    rateLimiter,
    ...people,
    connectorTypes: config.connectorTypes,
    allowedNetworks,
    limits,
    retention,
    logger,
    onWebhook,
    clock,
    random,
    createRunId,
  }
}

const both = (one: EventSink | undefined, other: EventSink | undefined): EventSink | undefined =>
  one && other
    ? (event) => {
        one(event)
        other(event)
      }
    : (one ?? other)
