import { runMain } from '@boxoffice/core/settings/run-main.ts'
import { parseSettings } from '@boxoffice/core/settings/settings.ts'
import { openApi } from './open-api.ts'

await runMain(async () => {
  const api = await openApi(parseSettings(process.env))
  // The process that started this one waits for it.
  process.send?.({ port: api.port })
  return api
})
