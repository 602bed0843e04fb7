import { runMain } from '@boxoffice/core/settings/run-main.ts'
import { parseSettings } from '@boxoffice/core/settings/settings.ts'
import { openWorker } from './open-worker.ts'

await runMain(async () => {
  const worker = await openWorker(parseSettings(process.env))
  // The process that started this one waits for it.
  process.send?.({ ready: true })
  return worker
})
