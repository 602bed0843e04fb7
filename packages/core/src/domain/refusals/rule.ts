import type { Refused } from '../booking-request.ts'
import { refuse } from './refuse.ts'
import type { Refusal, RefusalCode, RefusalFacts } from './refusal.ts'

/**
 * One reason to refuse, as data. Rules are pure and ask only what is in `Asked`, the request as the rules before them
 * left it: as it arrived, with its seats or tickets looked up, or with its price.
 */
export interface Rule<Asked> extends RuleName {
  /** Returns what the rule fails for, or `false` if it holds. */
  readonly fails: (asked: Asked) => unknown
  /** Returns the refusal for what `fails` returned. */
  refusal(failing: unknown, asked: Asked): Refusal
}

export interface RuleName {
  readonly code: RefusalCode
  /** Completes "The request is refused if …" in the documentation, and is the rule's name: no two rules share it. */
  readonly when: string
}

interface RuleTerms<Asked, Failing> extends RuleName {
  /** Returns what the rule fails for (`true` if that is the request as a whole), otherwise `false`. */
  readonly fails: (asked: Asked) => Failing | false
  /** The sentence for people. */
  readonly detail: string | ((failing: Failing, asked: Asked) => string)
  /** Returns what else the refusal says. */
  readonly facts?: (failing: Failing, asked: Asked) => RefusalFacts
}

/** Makes a rule. A rule that fails for some things names them in `facts`. */
export function rule<Asked, Failing>({ code, when, fails, detail, facts }: RuleTerms<Asked, Failing>): Rule<Asked> {
  return {
    code,
    when,
    fails,
    refusal: (failing: Failing, asked) => {
      const sentence = typeof detail === 'string' ? detail : detail(failing, asked)
      return { code, detail: sentence, ...facts?.(failing, asked) }
    },
  }
}

/** Returns the refusal of the first rule that fails, or `null` if all hold. */
export function refusedBy<Asked>(rules: readonly Rule<Asked>[], asked: Asked): Refused | null {
  for (const rule of rules) {
    const failing = rule.fails(asked)
    if (failing !== false) return refuse(rule.refusal(failing, asked))
  }
  return null
}
