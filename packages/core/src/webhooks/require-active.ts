import { TransitionRefusedError } from '../use-case/errors.ts'
import type { Endpoint } from './endpoint-record.ts'

/** @throws TransitionRefusedError */
export function requireActive({ status }: Pick<Endpoint, 'status'>): void {
  if (status === 'active') return
  const sentence = 'The endpoint is disabled: nothing is sent there until it is enabled again.'
  throw new TransitionRefusedError('endpoint', status, ['active'], sentence)
}
