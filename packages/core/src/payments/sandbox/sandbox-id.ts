import { randomBytes } from 'node:crypto'

/** Returns an id of 18 random bytes, which are 24 characters of base64url, and more than anyone guesses. */
const unguessable = (prefix: string) => `${prefix}_${randomBytes(18).toString('base64url')}`

export const newCheckoutId = () => unguessable('sbx')
export const newRefundId = () => unguessable('sbr')
export const newEventId = () => unguessable('evt')

const CHECKOUT_ID = /^sbx_[A-Za-z0-9_-]{24}$/

/** Returns whether a text can be a checkout's id; otherwise the database need not be asked. */
export const isCheckoutId = (text: string): boolean => CHECKOUT_ID.test(text)
