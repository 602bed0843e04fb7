import { transitionRefused } from '../use-case/problem.ts'
import type { Endpoint } from './endpoint-record.ts'

/** @throws Problem `invalid_transition` */
export function requireActive({ status }: Pick<Endpoint, 'status'>): void {
  if (status === 'active') return
  const sentence = 'The endpoint is disabled: nothing is sent there until it is enabled again.'
  throw transitionRefused('endpoint', status, ['active'], sentence)
}
