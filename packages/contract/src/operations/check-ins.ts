import { z } from 'zod'
import { id, idInput } from '@boxoffice/core/fields/values.ts'
import { page, pageOf } from '../fields.ts'
import { operation } from '../operation.ts'
import { offlineScan, scan, scanResult } from '../schemas/check-in.ts'
import { placeExample } from '../schemas/place.ts'

const tag = 'Check-in'

const MAX_SCANS = 100

const scanExample = { token: 'eyJhbGciOiJFZERTQSJ9.eyJ0Ij…', nonce: 'scan-1', gate: 'North' }

const resultExample = {
  result: 'already_used',
  detail: 'Used before, at 2026-11-22T18:00:00.000Z at North.',
  ticket: {
    id: '01890000-0000-7000-8000-000000000050',
    status: 'checked_in',
    reference: 'K7QXM2PA',
    resourceId: '01890000-0000-7000-8000-000000000001',
    ...placeExample,
    ticketTypeId: null,
    name: 'A Film',
  },
  firstScan: { at: '2026-11-22T18:00:00.000Z', gate: 'North' },
  conflict: false,
}

export const create = operation({
  id: 'checkIn',
  method: 'post',
  path: '/v1/check-ins',
  tag,
  summary: 'Scan a ticket',
  description:
    'The same ticket, device and nonce again are the same scan with the same result; without a device, for ten seconds.',
  access: 'staff',
  scope: 'check-ins:write',
  limit: 'write',
  body: scan,
  bodyExample: scanExample,
  answers: { 200: { description: 'The result of the scan', schema: scanResult, example: resultExample } },
  problems: [],
})

export const createBatch = operation({
  id: 'checkInBatch',
  method: 'post',
  path: '/v1/check-ins/batch',
  tag,
  summary: 'Upload what a gate scanned offline',
  description: 'Of two scans of one ticket, the earlier one admits.',
  access: 'staff',
  scope: 'check-ins:write',
  limit: 'write',
  body: z.strictObject({ scans: z.array(offlineScan).min(1).max(MAX_SCANS) }),
  bodyExample: { scans: [{ ...scanExample, scannedAt: '2026-11-22T18:00:00Z' }] },
  answers: {
    200: {
      description: 'The results in the order of the scans',
      schema: z.strictObject({
        items: z.array(scanResult),
        conflicts: z.int().meta({ description: 'Number of people admitted wrongly' }),
      }),
      example: { items: [{ ...resultExample, conflict: true }], conflicts: 1 },
    },
  },
  problems: [],
})

export const listRevokedTickets = operation({
  id: 'listRevokedTickets',
  method: 'get',
  path: '/v1/revoked-tickets',
  tag,
  summary: 'List the void tickets of a showtime or event',
  description: 'For gates that go offline. Fetch the whole list each time: tickets become void in no order.',
  access: 'staff',
  scope: 'check-ins:write',
  limit: 'read',
  query: z.strictObject({ ...page, resourceId: idInput }),
  answers: {
    200: {
      description: 'A page',
      schema: pageOf(z.strictObject({ id })),
      example: { items: [{ id: '01890000-0000-7000-8000-000000000050' }], nextCursor: null },
    },
  },
  problems: [],
})
