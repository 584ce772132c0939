import { type Command, InvalidArgumentError, Option } from 'commander'
import { runCompanyDemo } from '../demo/company-demo.ts'
import { syncUntilKilled } from '../demo/killed-process.ts'
import { replaySnapshots } from '../demo/replay-snapshots.ts'
import { exitCodes } from '../exit-code.ts'
import type { CommandContext } from './command-context.ts'

interface DemoFlags {
  readonly data?: string
  readonly people: number
  readonly groups: number
}

const wholeNumber =
  (minimum: number) =>
  (text: string): number => {
    if (!/^\d{1,7}$/.test(text) || Number(text) < minimum) {
      throw new InvalidArgumentError(`It must be a whole number of at least ${minimum}.`)
    }
    return Number(text)
  }

export function demoCommand(program: Command, context: CommandContext): void {
  program
    .command('demo')
    .summary('see it all work, without a server')
    .description(
      'Syncs an invented company over HTTP into an embedded database and shows what happens when people change, ' +
        'leave, vanish in masses, and when the process is killed. Every number is read back from the store and ' +
        'compared with upstream; exits with 1 when any check fails.',
    )
    .addOption(
      new Option('--people <n>', 'people of the company').argParser(wholeNumber(1_000)).default(20_000),
    )
    .addOption(new Option('--groups <n>', 'its groups').argParser(wholeNumber(20)).default(400))
    .option('--data <folder>', 'replay dated snapshots of a real organisation (NNN-YYYY-MM-DD.json) instead')
    .action(async ({ data, people, groups }: DemoFlags) => {
      const { terminal } = context
      const passed =
        data === undefined
          ? await runCompanyDemo(terminal, { people, groups })
          : await replaySnapshots(terminal, data)
      context.exit(passed ? exitCodes.success : exitCodes.failed)
    })

  // The process that the demo kills: it owns its data folder alone.
  const victim: Command = program
    .command('demo-victim', { hidden: true })
    .argument('<folder>')
    .argument('<url>')
    .argument('<token>')
    .argument('<pageSize>')
    .action((folder: string, url: string, token: string) => {
      const [, , , pageSize] = victim.args
      return syncUntilKilled({ folder, url, token, pageSize: Number(pageSize) })
    })
}
