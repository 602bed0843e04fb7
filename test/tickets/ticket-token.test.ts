import { createHmac, randomUUID, sign } from 'node:crypto'
import fc from 'fast-check'
import { compactVerify, createLocalJWKSet } from 'jose'
import { describe, expect, test } from 'vitest'
import { ZodError } from 'zod'
import { makeTicketKey, publicKeySet } from '@boxoffice/core/settings/ticket-keys.ts'
import { signTicketToken, type TicketClaims, verifyTicketToken } from '@boxoffice/core/tickets/ticket-token.ts'
import { seatToken, ticketKeys, typeToken } from './keys.ts'

const KEYS = ticketKeys()

const encode = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

/** Returns a token with any header and payload, always signed with our own key. */
function forge(payload: unknown, header: unknown = { alg: 'EdDSA', kid: KEYS[0].kid }): string {
  const signed = `${encode(header)}.${encode(payload)}`
  return `${signed}.${sign(null, Buffer.from(signed), KEYS[0].privateKey).toString('base64url')}`
}

const shortId = () => Buffer.from(randomUUID().replaceAll('-', ''), 'hex').toString('base64url')

describe('a ticket token', () => {
  const uuid = fc.uuid()
  const seat = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 10 })
    .filter((s) => /^[^\p{Cc}\p{Cs}]{1,40}$/u.test(s))
  const claims: fc.Arbitrary<TicketClaims> = fc.oneof(
    fc.record({ ticketId: uuid, resourceId: uuid, seat, ticketTypeId: fc.constant(null) }),
    fc.record({ ticketId: uuid, resourceId: uuid, seat: fc.constant(null), ticketTypeId: uuid }),
  )

  test('says what was signed, whatever that was, and always in the same words', () => {
    fc.assert(
      fc.property(claims, (signed) => {
        const token = signTicketToken(KEYS, signed)
        expect(verifyTicketToken(KEYS, token)).toEqual(signed)
        expect(signTicketToken(KEYS, signed)).toBe(token)
      }),
    )
  })

  test('is short: about 230 characters for a seat', () => {
    expect(seatToken(KEYS, 'AA12').length).toBeLessThan(235)
    expect(typeToken(KEYS).length).toBeLessThan(255)
  })

  test('verifies with nothing but the published key set and a library for JOSE', async () => {
    const keySet = createLocalJWKSet({
      keys: [...publicKeySet(ticketKeys(makeTicketKey(), makeTicketKey())).keys, ...publicKeySet(KEYS).keys],
    })
    const ticketId = randomUUID()
    const resourceId = randomUUID()
    const token = signTicketToken(KEYS, { ticketId, resourceId, seat: 'A5', ticketTypeId: null })
    const { payload, protectedHeader } = await compactVerify(token, keySet, { algorithms: ['EdDSA'] })
    expect(protectedHeader).toEqual({ alg: 'EdDSA', kid: KEYS[0].kid })
    const content: { t: string; r: string; s: string } = JSON.parse(Buffer.from(payload).toString())
    const hex = (short: string) => Buffer.from(short, 'base64url').toString('hex')
    expect(Object.keys(content)).toEqual(['t', 'r', 's'])
    expect(hex(content.t)).toBe(ticketId.replaceAll('-', ''))
    expect(hex(content.r)).toBe(resourceId.replaceAll('-', ''))
    expect(content.s).toBe('A5')
  })

  test('is not made of what would not verify', () => {
    const good = { ticketId: randomUUID(), resourceId: randomUUID(), seat: 'A5', ticketTypeId: null }
    for (const bad of [
      { ...good, ticketId: 'x' },
      { ...good, resourceId: good.resourceId.toUpperCase().replace(/\d/g, 'F') },
      { ...good, seat: '' },
      { ...good, seat: 'A\n5' },
      { ...good, seat: '\ud800' },
      { ...good, seat: 'A'.repeat(65) },
    ]) {
      expect(() => signTicketToken(KEYS, bad)).toThrow(ZodError)
    }
    const longest = { ...good, seat: '座'.repeat(64) }
    expect(verifyTicketToken(KEYS, signTicketToken(KEYS, longest))).toEqual(longest)
  })

  test('of a place of an area names the area', () => {
    const claims = { ticketId: randomUUID(), resourceId: randomUUID(), seat: null, area: 'Floor', ticketTypeId: null }
    const token = signTicketToken(KEYS, claims)
    expect(verifyTicketToken(KEYS, token)).toEqual(claims)
    expect(JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())).toMatchObject({ a: 'Floor' })
  })
})

describe('a ticket token is refused', () => {
  test.each([
    ['for a seat', seatToken(KEYS, 'F12')],
    ['of a type', typeToken(KEYS)],
  ])('with any single bit flipped, %s', (_what, token) => {
    const bytes = Buffer.from(token, 'latin1')
    expect(verifyTicketToken(KEYS, bytes.toString('latin1'))).not.toBeNull()
    const accepted: number[] = []
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const flipped = Buffer.from(bytes)
      flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
      // The bytes are read one by one, and as the UTF-8 that a scanner would take them for.
      for (const encoding of ['latin1', 'utf8'] as const) {
        if (verifyTicketToken(KEYS, flipped.toString(encoding)) !== null) accepted.push(bit)
      }
    }
    expect(accepted).toEqual([])
  })

  test('when its signature or payload is spelled in another way', () => {
    const token = seatToken(KEYS, 'A5')
    const last = token.at(-1) ?? ''
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    // 64 bytes leave 4 unused bits in the last character: these decode to the same signature.
    const twins = [1, 2, 15].map((bits) => token.slice(0, -1) + alphabet.charAt(alphabet.indexOf(last) ^ bits))
    const signature = (text: string) => Buffer.from(text.split('.')[2] ?? '', 'base64url').toString('hex')
    for (const twin of twins) {
      expect(signature(twin)).toBe(signature(token))
      expect(verifyTicketToken(KEYS, twin)).toBeNull()
    }
    for (const text of [`${token}=`, `${token}\n`, ` ${token}`, `${token}.`, token.replaceAll('.', '..')]) {
      expect(verifyTicketToken(KEYS, text)).toBeNull()
    }
  })

  test('when another key signed it, under its own name or ours', () => {
    const others = ticketKeys()
    expect(verifyTicketToken(KEYS, seatToken(others, 'A5'))).toBeNull()
    const [own] = others
    const disguised = [{ ...own, kid: KEYS[0].kid }] as const
    expect(verifyTicketToken(KEYS, seatToken(disguised, 'A5'))).toBeNull()
  })

  test('when its header names no algorithm or another one', () => {
    const payload = { t: shortId(), r: shortId(), s: 'A5' }
    const { kid, x } = KEYS[0]
    const none = `${encode({ alg: 'none', kid })}.${encode(payload)}.`
    expect(verifyTicketToken(KEYS, none)).toBeNull()
    const signed = `${encode({ alg: 'HS256', kid })}.${encode(payload)}`
    // The public key is known to everyone; taken for a shared secret it would sign anything.
    for (const secret of [x, Buffer.from(x, 'base64url'), KEYS[0].publicKey.export({ format: 'pem', type: 'spki' })]) {
      const signature = createHmac('sha256', secret).update(signed).digest('base64url')
      expect(verifyTicketToken(KEYS, `${signed}.${signature}`)).toBeNull()
    }
    for (const header of [{ alg: 'EdDSA' }, { kid }, { alg: 'EdDSA', kid, crit: ['x'] }, { kid, alg: 'EdDSA' }, '{']) {
      expect(verifyTicketToken(KEYS, forge(payload, header))).toBeNull()
    }
  })

  test('when its payload is not as we write it, although our key signed it', () => {
    const good = { t: shortId(), r: shortId(), s: 'A5' }
    expect(verifyTicketToken(KEYS, forge(good))).not.toBeNull()
    for (const payload of [
      'no JSON',
      '',
      'null',
      [good],
      { t: good.t, r: good.r },
      { ...good, k: shortId() },
      { ...good, a: 'Floor' },
      { ...good, x: 1 },
      { ...good, s: 5 },
      { ...good, s: '' },
      { ...good, s: 'A\u0000' },
      { ...good, s: 'A'.repeat(65) },
      { ...good, t: good.t.slice(1) },
      { ...good, t: `${good.t.slice(0, -1)}_` },
      { r: good.r, t: good.t, s: 'A5' },
      JSON.stringify(good, null, 1),
      `{"t":"${shortId()}",${JSON.stringify(good).slice(1)}`,
    ]) {
      expect(verifyTicketToken(KEYS, forge(payload))).toBeNull()
    }
  })

  test('whatever it is, and never with an exception', () => {
    for (const text of [
      '',
      '.',
      '..',
      '...',
      'a.b.c',
      '\ud800.\ud800.\ud800',
      'x'.repeat(1_000_000),
      '.'.repeat(512),
    ]) {
      expect(verifyTicketToken(KEYS, text)).toBeNull()
    }
    const segments = fc.array(fc.string({ unit: 'binary-ascii' }), { maxLength: 4 })
    fc.assert(fc.property(segments, (parts) => verifyTicketToken(KEYS, parts.join('.')) === null))
  })
})

describe('after a rotation', () => {
  const [oldSeed, newSeed] = [makeTicketKey(), makeTicketKey()]
  const before = ticketKeys(oldSeed)
  const rotated = ticketKeys(newSeed, oldSeed)

  test('the new key signs, and tickets of the old one still verify', () => {
    const old = seatToken(before, 'A5')
    expect(verifyTicketToken(rotated, old)).toMatchObject({ seat: 'A5' })
    const fresh = seatToken(rotated, 'A6')
    expect(verifyTicketToken(ticketKeys(newSeed), fresh)).toMatchObject({ seat: 'A6' })
    expect(verifyTicketToken(before, fresh)).toBeNull()
  })

  test('tickets of a key that was taken out no longer verify', () => {
    expect(verifyTicketToken(ticketKeys(newSeed), seatToken(before, 'A5'))).toBeNull()
  })
})
