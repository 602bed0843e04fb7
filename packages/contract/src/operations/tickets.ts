import { z } from 'zod'
import { byId, byReference } from '../fields.ts'
import { operation } from '../operation.ts'
import { keySet, ticket } from '../schemas/ticket.ts'
import { placeExample } from '../schemas/place.ts'

const tag = 'Tickets'

const common = { tag, access: 'bookingReader', scope: 'bookings:read', limit: 'read', method: 'get' } as const

export const list = operation({
  ...common,
  id: 'listTickets',
  path: '/v1/bookings/{reference}/tickets',
  summary: 'List the tickets of a booking',
  noun: 'booking',
  params: byReference,
  answers: {
    200: {
      description: 'All tickets',
      schema: z.strictObject({ items: z.array(ticket) }),
      example: {
        items: [
          {
            id: '01890000-0000-7000-8000-000000000050',
            token: 'eyJhbGciOiJFZERTQSJ9.eyJ0Ij…',
            status: 'issued',
            ...placeExample,
            category: 'Standard',
            checkedIn: null,
          },
        ],
      },
    },
  },
  problems: ['not_confirmed'],
})

export const print = operation({
  ...common,
  id: 'printTickets',
  path: '/v1/bookings/{reference}/tickets.pdf',
  summary: 'Print the tickets of a booking',
  description: 'One ticket per page.',
  noun: 'booking',
  params: byReference,
  answers: { 200: { description: 'The document', contentType: 'application/pdf' } },
  problems: ['not_confirmed', 'too_many_tickets', 'overloaded'],
})

export const getQrSvg = operation({
  ...common,
  id: 'getTicketQrSvg',
  path: '/v1/tickets/{id}/qr.svg',
  summary: 'Draw the QR code of a ticket as SVG',
  noun: 'ticket',
  params: byId,
  answers: { 200: { description: 'The code', contentType: 'image/svg+xml' } },
  problems: ['not_confirmed'],
})

export const getQrPng = operation({
  ...common,
  id: 'getTicketQrPng',
  path: '/v1/tickets/{id}/qr.png',
  summary: 'Draw the QR code of a ticket as PNG',
  noun: 'ticket',
  params: byId,
  answers: { 200: { description: 'The code', contentType: 'image/png' } },
  problems: ['not_confirmed'],
})

export const getKeys = operation({
  id: 'getTicketKeys',
  method: 'get',
  path: '/.well-known/jwks.json',
  tag,
  summary: 'Get the public keys that verify tickets',
  description: 'May be cached for an hour.',
  access: 'anyone',
  scope: null,
  limit: 'read',
  answers: {
    200: {
      description: 'A JSON Web Key Set',
      contentType: 'application/jwk-set+json',
      schema: keySet,
      example: {
        keys: [
          {
            kty: 'OKP',
            crv: 'Ed25519',
            x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
            kid: 'kPrK_qmx',
            alg: 'EdDSA',
            use: 'sig',
          },
        ],
      },
    },
  },
  problems: [],
})
