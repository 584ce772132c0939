import { type ContractStage, setStage } from './stage.ts'
import type { HttpContractSuite } from './suite.ts'

/** Declares one case: its name repeats the promise it holds the API to. */
export type DeclareCase = (name: string, run: (stage: ContractStage) => Promise<void>) => void

/** Declares a group of cases, each over a host of its own. */
export function contractCases(
  suite: HttpContractSuite,
  name: string,
  declare: (test: DeclareCase) => void,
): void {
  suite.describe(name, () => {
    declare((caseName, run) => {
      suite.test(caseName, async () => {
        const stage = await setStage(suite)
        try {
          await run(stage)
        } finally {
          await stage.close()
        }
      })
    })
  })
}
