/**
 * Keeping places off public sale, and giving them back.
 *
 * Keeps: I1 (a kept seat is an allocation like a booked one, under the same primary key; kept places of areas are within the
 * CHECK of `area_state`), I6 (what is given back is what is left: places that were booked from the block are the booking's), I7.
 * Locks: the resource's state → the idempotency key → event counters. It changes inventory as a decision does, under the same
 * lock, and needs no place in line: it is the organizer's own.
 */
import type { Transaction } from '../../db/transaction.ts'
import { newId } from '../../runtime/new-id.ts'
import { recordChanges } from '../../records/record-changes.ts'
import { type KeyedRequest, makeOnce } from '../../use-case/idempotency.ts'
import { notFound, Problem } from '../../use-case/problem.ts'
import { FieldErrors } from '../field-errors.ts'
import { lockResource, raiseVersion, type ResourceChange, type ResourceKind } from '../lock-resource.ts'
import {
  type AreaQuantities,
  checkSeats,
  countBlocks,
  endEmptyBlock,
  findBlock,
  giveBackPlaces,
  insertBlock,
  readAreas,
} from '../queries/blocks.ts'

/** Blocks of one showtime or event that were not given back. */
const MAX_BLOCKS = 1_000

/** Seats and places of areas. */
export interface Places {
  readonly seats: readonly string[]
  readonly areas: readonly { readonly area: string; readonly quantity: number }[]
}

interface BlockChange extends ResourceChange {
  readonly kind: ResourceKind
  readonly resourceId: string
}

export interface KeepPlaces extends BlockChange, Places {
  readonly reason: string
  readonly keyed: KeyedRequest | null
}

export interface GiveBack extends BlockChange {
  readonly blockId: string
  /** `null` is all that is left. */
  readonly places: Places | null
}

interface Kept {
  readonly id: string
  readonly replayed: boolean
  /** Version of the resource; `null` where nothing has changed. */
  readonly version: number | null
}

/**
 * Keeps places.
 *
 * @throws Problem `not_found`, `invalid_request` for places that there are not, `in_use` for those that are not free
 */
export async function keepPlaces(tx: Transaction, input: KeepPlaces): Promise<Kept> {
  const { kind, resourceId, organizerId, reason, seats, actor } = input
  const resource = await lockResource(tx, kind, resourceId, organizerId)
  let version: number | null = null
  const made = await makeOnce(tx, input.keyed, async () => {
    const areas = summed(input.areas)
    await requireFree(tx, resourceId, seats, areas)
    if ((await countBlocks(tx, resourceId)) >= MAX_BLOCKS) {
      throw new Problem('in_use', { detail: `There are ${MAX_BLOCKS} blocks already. Give some back first.` })
    }
    const id = newId()
    await insertBlock(tx, { id, resourceId, reason, actor, seats, areas })
    const after = { blockId: id, seats: seats.length, places: placesIn(areas), reason }
    await recordChanges(tx, input, [
      { organizerId: resource.organizerId, entityId: resourceId, type: `${kind}.places_kept`, after },
    ])
    version = await raiseVersion(tx, resourceId)
    return id
  })
  return { ...made, version }
}

/**
 * Gives kept places back: all that is left, or some of it. What is given back already changes nothing.
 *
 * @throws Problem `not_found`, `invalid_request` for places that the block does not keep
 */
export async function giveBack(tx: Transaction, input: GiveBack): Promise<{ readonly version: number | null }> {
  const { kind, resourceId, blockId, organizerId, places } = input
  const resource = await lockResource(tx, kind, resourceId, organizerId)
  const block = await findBlock(tx.client, resourceId, blockId)
  if (block === null) throw notFound('block')
  const left = summed(block.areas)
  const seats = places === null ? block.seats : [...new Set(places.seats)]
  const areas = places === null ? left : summed(places.areas)
  const problems = new FieldErrors()
  const isNamed = places === null || seats.length > 0 || areas.size > 0
  problems.require(isNamed, '', 'Must have seats or areas; without a body, all of it is given back.')
  const kept = new Set(block.seats)
  for (const [index, label] of seats.entries()) {
    problems.require(kept.has(label), `/seats/${index}`, `The block does not keep ${label}.`)
  }
  for (const [area, quantity] of areas) {
    const own = left.get(area) ?? 0
    problems.require(quantity <= own, '/areas', `The block keeps ${own} places of ${area}, and not ${quantity}.`)
  }
  problems.throwIfAny()
  if (seats.length === 0 && areas.size === 0) {
    await endEmptyBlock(tx, blockId)
    return { version: null }
  }
  await giveBackPlaces(tx, resourceId, blockId, seats, areas)
  const after = { blockId, seats: seats.length, places: placesIn(areas) }
  await recordChanges(tx, input, [
    { organizerId: resource.organizerId, entityId: resourceId, type: `${kind}.places_given_back`, after },
  ])
  return { version: await raiseVersion(tx, resourceId) }
}

async function requireFree(
  tx: Transaction,
  resourceId: string,
  seats: readonly string[],
  areas: AreaQuantities,
): Promise<void> {
  const problems = new FieldErrors()
  const wrong = await checkSeats(tx, resourceId, seats)
  for (const { label, unknown } of wrong) {
    problems.require(!unknown, `/seats/${seats.indexOf(label)}`, `There is no seat ${label} that can be sold.`)
  }
  const free = areas.size === 0 ? new Map<string, number>() : await readAreas(tx, resourceId)
  for (const area of areas.keys()) problems.require(free.has(area), '/areas', `There is no area ${area}.`)
  problems.throwIfAny()

  const taken = wrong.map(({ label }) => label)
  const full = [...areas].flatMap(([area, quantity]) => {
    const available = free.get(area) ?? 0
    return quantity > available ? [{ area, available }] : []
  })
  if (taken.length === 0 && full.length === 0) return
  const sentences = [
    ...(taken.length > 0 ? [`Held, sold or kept already: ${taken.slice(0, 20).join(', ')}.`] : []),
    ...full.map(({ area, available }) => `${area} has ${available} places left.`),
  ]
  throw new Problem('in_use', { detail: sentences.join(' '), facts: { seats: taken, areas: full } })
}

function summed(areas: Places['areas']): AreaQuantities {
  const sums = new Map<string, number>()
  for (const { area, quantity } of areas) sums.set(area, (sums.get(area) ?? 0) + quantity)
  return sums
}

const placesIn = (areas: AreaQuantities) => [...areas.values()].reduce((sum, quantity) => sum + quantity, 0)
