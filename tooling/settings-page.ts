import { parseSettings, settingsSchema } from '@boxoffice/core/settings/settings.ts'
import { markdownTable } from './markdown-table.ts'

/** Returns docs/settings.md: every setting with its default and its description. */
export function settingsPage(): string {
  const rows = Object.entries(settingsSchema.shape).map(([name, { description = '' }]) => [
    `\`${name}\``,
    defaultOf(name),
    description,
  ])
  return `# Settings

All settings are environment variables. A process that finds invalid settings reports all errors at once and does not start. An
empty variable counts as unset. [limits.md](limits.md) lists every bound and the effect of reaching it.

${markdownTable(['setting', 'default', 'meaning'], rows)}
`
}

/** Returns the value that a setting has if the environment says nothing, as one would write it there. */
function defaultOf(name: string): string {
  const value: unknown = new Map(Object.entries(parseSettings({}))).get(name)
  if (value === undefined) return 'unset'
  if (Array.isArray(value)) return value.length === 0 ? 'none' : `\`${value.join(',')}\``
  if (typeof value === 'boolean') return value ? '`on`' : '`off`'
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``
}
