import { refusalWeight } from '@boxoffice/core/domain/refusal-budget.ts'
import { REFUSAL_CODES, REFUSALS } from '@boxoffice/core/domain/refusal.ts'
import type { RuleName } from '@boxoffice/core/domain/rule.ts'
import { RULES_IN_ORDER } from '@boxoffice/core/domain/rules-in-order.ts'
import { markdownTable } from './markdown-table.ts'

/** Returns the text of docs/refusals.md: every code with its meaning, and every rule in its order. */
export function refusalsPage(): string {
  return `# Why a request is refused

A refusal is an outcome, not an error: the request was valid and stood in line, and this is its outcome (\`200\`, \`state:
"refused"\`). \`refusal.detail\` is a sentence for people. \`seats\`, \`ticketTypes\` (with \`available\`) or \`total\` name the
reason for programs.

## Codes

Codes are never reused, and new ones may be added. The points count against the [limits on refusals](http.md#limits). A refusal by competition follows from what others have booked: it is an
[outgoing event](http.md#outgoing-events) if the places were taken or given back shortly before.

${markdownTable(
  ['code', 'meaning', 'points', 'by competition'],
  REFUSAL_CODES.map((code) => [
    `\`${code}\``,
    REFUSALS[code].meaning,
    String(refusalWeight(code)),
    REFUSALS[code].isByCompetition ? 'yes' : '',
  ]),
)}

## Order

The first rule that fails refuses the request. A rule about seats or ticket types is asked of all of them before the next
rule, and its refusal names all those that it fails for. Sale windows and "in the past" are judged by the time of
acceptance, so waiting in line changes nobody's answer. A customer is known by account and by e-mail address, and limits
per customer hold for each of the two.

### Seats of a showtime

${ruleTable(RULES_IN_ORDER.showtime)}

### Tickets of an event

${ruleTable(RULES_IN_ORDER.event)}
`
}

function ruleTable(rules: readonly RuleName[]): string {
  return markdownTable(
    ['rule', 'code', 'the request is refused if'],
    rules.map(({ code, when }, index) => [String(index + 1), `\`${code}\``, when]),
  )
}
