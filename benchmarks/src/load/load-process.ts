// A worker process of the load: starts when it is told to, and tells of every run that ended.
import { type LoadSetting, openProcess } from './open-process.ts'

const setting: LoadSetting = JSON.parse(process.argv[2] ?? '{}')
const { syncline } = await openProcess(setting, (runId) => process.send?.({ runId }))
process.once('message', () => void syncline.start())
process.once('disconnect', () => process.exit())
process.send?.('ready')
