import { refusalWeight } from '@boxoffice/core/domain/refusals/refusal-budget.ts'
import { REFUSAL_CODES, REFUSALS } from '@boxoffice/core/domain/refusals/refusal.ts'
import { RULES_IN_ORDER } from '@boxoffice/core/domain/refusals/rules-in-order.ts'
import { markdownTable } from './markdown-table.ts'

/** Returns the text of docs/refusals.md: every code with its meaning, and every rule in its order. */
export function refusalsPage(): string {
  return `# Refusals

A refusal is an outcome, not an error: the request was valid, waited in line and was decided (\`200\`, \`state: "refused"\`).
\`refusal.detail\` is a sentence for people. For programs, \`seats\`, \`ticketTypes\` (with \`available\`) or \`total\` give the
reason.

## Codes

Codes are never reused, and new ones may be added. The points count against the [limits on refusals](http.md#limits). A refusal
by competition follows from earlier bookings. It causes an [outgoing event](http.md#outgoing-events) if places were taken or
given back shortly before.

${markdownTable(
  ['code', 'meaning', 'points', 'by competition'],
  REFUSAL_CODES.map((code) => [
    `\`${code}\``,
    REFUSALS[code].meaning,
    String(refusalWeight({ code })),
    REFUSALS[code].isByCompetition ? 'yes' : '',
  ]),
)}

## Order

The first rule that fails refuses the request. A rule about seats or ticket types checks all of them before the next rule, and
its refusal names all those for which it fails. Sale windows and the start of a show are compared with the time of acceptance,
so waiting in line does not change the outcome. A customer is identified by account and by e-mail address, and limits per
customer apply to each of the two.

Of a request with several wishes, each wish is held against the rules about places, tickets and price; the first one that can be
met is booked. If none can, \`refusal.wishes\` has the reason of each, and the refusal itself is that of the last.

${markdownTable(
  ['rule', 'code', 'the request is refused if'],
  RULES_IN_ORDER.map(({ code, when }, index) => [String(index + 1), `\`${code}\``, when]),
)}
`
}
