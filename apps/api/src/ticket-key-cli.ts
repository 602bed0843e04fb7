import { makeTicketKey } from '@boxoffice/core/tickets/ticket-keys.ts'

process.stdout.write(`${makeTicketKey()}\n`)
