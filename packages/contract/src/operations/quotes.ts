import { operation } from '../operation.ts'
import { quote } from '../schemas/quote.ts'
import { quoteBody } from '../schemas/selection.ts'

export const create = operation({
  id: 'createQuote',
  method: 'post',
  path: '/v1/quotes',
  tag: 'Quotes',
  summary: 'Quote a selection',
  description:
    'Returns the decision that would be made now. Holds and stores nothing. Limits per customer apply to the account, not to the e-mail address.',
  access: 'signedIn',
  scope: 'bookings:write',
  limit: 'read',
  body: quoteBody,
  bodyExample: { resource: { type: 'showtime', id: '01890000-0000-7000-8000-000000000001' }, seats: ['E5'] },
  answers: {
    200: {
      description: 'The price, or the reason why it could not be booked',
      schema: quote,
      example: {
        bookable: true,
        currency: 'EUR',
        lines: [
          {
            seat: 'E5',
            area: null,
            categoryId: '01890000-0000-7000-8000-000000000002',
            ticketTypeId: null,
            rate: null,
            quantity: 1,
            unitPrice: 1200,
            discount: 240,
          },
        ],
        subtotal: 1200,
        discount: 240,
        fee: 29,
        total: 989,
        refusal: null,
      },
    },
  },
  problems: ['not_found'],
})
