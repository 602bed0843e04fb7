import { parseObject, textIn } from './answers.ts'

/** A message of an availability stream. */
export interface AvailabilityMessage {
  readonly taken: readonly string[]
  readonly released: readonly string[]
  readonly sold: readonly { readonly ticketTypeId: string; readonly sold: number }[]
}

/** Reads messages; the same text again, as every watcher of a resource gets it, is read once. */
export function messageReader(): (data: string) => AvailabilityMessage {
  let lastText = ''
  let last: AvailabilityMessage = { taken: [], released: [], sold: [] }
  return (data) => {
    if (data !== lastText) {
      last = readMessage(data)
      lastText = data
    }
    return last
  }
}

function readMessage(data: string): AvailabilityMessage {
  const message = parseObject(data) ?? {}
  return {
    taken: labelsIn(message['taken']),
    released: labelsIn(message['released']),
    sold: listIn(message['ticketTypes']).flatMap((type) => {
      const ticketTypeId = textIn(type, 'id')
      const sold = soldIn(type)
      return ticketTypeId === null || sold === null ? [] : [{ ticketTypeId, sold }]
    }),
  }
}

const listIn = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

const labelsIn = (value: unknown): readonly string[] => listIn(value).filter((label) => typeof label === 'string')

const soldIn = (type: unknown): number | null =>
  type instanceof Object && 'sold' in type && typeof type.sold === 'number' ? type.sold : null
