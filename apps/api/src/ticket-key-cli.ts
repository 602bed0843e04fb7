import { makeTicketKey } from '@boxoffice/core/settings/ticket-keys.ts'

process.stdout.write(`${makeTicketKey()}\n`)
