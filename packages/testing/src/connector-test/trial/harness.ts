import { AssertionError } from 'node:assert/strict'
import type { ConnectorType } from '@syncline/core'
import type { ConnectorContract } from '../contract/contract.ts'
import { openTrial, type Trial, type TrialOptions, type TrialSubject } from './trial.ts'

/** The test runner's own functions, the connector type, and its contract: works with vitest, node:test, mocha and jest. */
export interface ConnectorSuite {
  readonly describe: (name: string, declare: () => void) => unknown
  readonly test: (name: string, run: () => Promise<void>) => unknown
  /**
   * Called for every process that a case plays: several times where a listing goes on in another one. A connector type
   * that is a constant is best imported anew each time, or state it keeps in its module stays unnoticed.
   */
  readonly createConnectorType: () => ConnectorType | Promise<ConnectorType>
  readonly contract: ConnectorContract
}

/** Opens a trial that ends with its case. */
export type OpenTrial = (options?: TrialOptions) => Promise<Trial>

/** Declares one case: its name repeats the promise it holds the connector to. */
export type DeclareCase = (name: string, run: (open: OpenTrial) => Promise<void>) => void

/** The resource type whose cases are declared. */
export interface CaseSubject extends TrialSubject {
  readonly suite: ConnectorSuite
}

/** Declares a group of cases, each with upstreams and processes of its own. */
export function connectorCases(
  { suite, ...subject }: CaseSubject,
  name: string,
  declare: (test: DeclareCase) => void,
): void {
  suite.describe(`${subject.resourceType}: ${name}`, () => {
    declare((caseName, run) => {
      suite.test(`${subject.resourceType}: ${caseName}`, async () => {
        const trials: Trial[] = []
        const open: OpenTrial = async (options) => {
          const trial = await openTrial(subject, options)
          trials.push(trial)
          return trial
        }
        let failure: unknown
        try {
          await run(open)
        } catch (error) {
          failure = error
        }
        const breaches = new Set(trials.flatMap(({ upstream }) => upstream.breaches()))
        for (const trial of trials) await trial.close()
        // What was asked for against the contract is the cause of whatever else went wrong.
        if (breaches.size > 0) throw breached([...breaches], failure)
        if (failure !== undefined) throw failure
      })
    })
  })
}

function breached(breaches: readonly string[], cause: unknown): AssertionError {
  const message = `The connector asked for what its contract does not allow:\n${breaches.join('\n')}`
  return Object.assign(new AssertionError({ message }), { cause })
}
