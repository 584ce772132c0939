import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { JsonObject } from '@syncline/core'
import type { FromWorker, Job, RunReport, ToWorker } from './work.ts'

/** Work that is connected, warm and settled. Its steps are called in this order. */
export interface StartedWork {
  run(): Promise<RunReport>
  facts(): Promise<JsonObject>
  /** Ends the process; kills it when it did not come to its facts. */
  close(): Promise<void>
}

/** Halves the start of a process; what is measured comes after its warm-up. */
const compileCache = fileURLToPath(new URL('../../../node_modules/.cache/node-compile', import.meta.url))

/** Starts a process for a job and waits until it is ready to be measured. */
export async function startWork(job: Job): Promise<StartedWork> {
  const child = fork(fileURLToPath(import.meta.resolve('./worker.ts')), [JSON.stringify(job)], {
    execArgv: [
      '--conditions=@syncline/source',
      '--expose-gc',
      ...(job.youngMb === undefined ? [] : [`--max-semi-space-size=${job.youngMb}`]),
    ],
    env: { ...process.env, NODE_COMPILE_CACHE: compileCache },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const exited = new Promise<void>((resolve) => void child.once('exit', () => resolve()))
  const tell = (message: ToWorker): void => void child.send(message)
  const answer = <Kind extends FromWorker['kind']>(
    kind: Kind,
  ): Promise<Extract<FromWorker, { readonly kind: Kind }>> =>
    new Promise((resolve, reject) => {
      const lost = (): void => reject(new Error(`A measured process ended early: ${job.module}`))
      child.once('exit', lost)
      child.once('message', (message: FromWorker) => {
        child.off('exit', lost)
        if (is(message, kind)) resolve(message)
        else
          reject(new Error(`A measured process: ${message.kind === 'failed' ? message.error : message.kind}`))
      })
    })
  await answer('ready')
  let answered = false
  return {
    async run() {
      const done = answer('done')
      tell('run')
      return (await done).report
    },
    async facts() {
      const known = answer('facts')
      tell('facts')
      const { facts } = await known
      answered = true
      return facts
    },
    async close() {
      if (answered && child.connected) tell('close')
      else child.kill()
      await exited
    },
  }
}

const is = <Kind extends FromWorker['kind']>(
  message: FromWorker,
  kind: Kind,
): message is Extract<FromWorker, { readonly kind: Kind }> => message.kind === kind
