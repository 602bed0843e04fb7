import { describe, expect, it, onTestFinished } from 'vitest'
import { shared } from './shared.ts'

const steps: string[] = []

describe('an object that tests share', () => {
  const first = shared(
    async () => {
      steps.push('open the first')
      return { name: 'first', count: 0, next: () => 'second' }
    },
    ({ name }) => steps.push(`close the ${name}`),
  )
  const second = shared(
    () => {
      steps.push(`open the ${first.next()}`)
      return { name: first.next() }
    },
    ({ name }) => steps.push(`close the ${name}`),
  )
  const whenLoaded = ((): unknown => {
    try {
      return first.name
    } catch (error) {
      return error
    }
  })()

  it('is opened once, in order, before they run', () => {
    expect(steps).toEqual(['open the first', 'open the second'])
    expect([first.name, second.name]).toEqual(['first', 'second'])
  })

  it('is not there yet while they load', () => {
    expect(whenLoaded).toMatchObject({ message: expect.stringContaining('not yet when they load') })
  })

  it('stands for what was opened, whatever is done with it', () => {
    onTestFinished(() => {
      first.count = 0
    })
    first.count += 1
    const { count, name } = first
    expect({ count, name }).toEqual({ count: 1, name: 'first' })
    expect({ ...first }).toMatchObject({ name: 'first', count: 1 })
    expect('count' in first).toBe(true)
    expect(second).toEqual({ name: 'second' })
  })
})

describe('a shared object, after its tests', () => {
  it('is closed, the last one first', () => {
    expect(steps).toEqual(['open the first', 'open the second', 'close the second', 'close the first'])
  })
})
