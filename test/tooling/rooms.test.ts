import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { forbiddenTo, LARGEST_SHARE, type RoomName, roomNames, ROOMS } from '../../rooms.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

interface SourceFile {
  /** The path from its folder: `bookings/queries/find-booking.ts`. */
  readonly path: string
  readonly text: string
}

/** An import that leaves a folder. */
interface Crossing {
  readonly from: string
  readonly to: string
}

const core = sourcesOf('packages/core/src')

/** Returns the sources below a folder, with their paths from it. */
function sourcesOf(folder: string): readonly SourceFile[] {
  const entries = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
  return entries
    .filter((path) => path.endsWith('.ts'))
    .map((path) => ({ path, text: readFileSync(join(ROOT, folder, path), 'utf8') }))
}

/** Returns the imports of a file that are relative, as paths from the same folder as the file's own. */
function importsOf({ path, text }: SourceFile): readonly string[] {
  const specifiers = text.matchAll(
    /(?:\bfrom|\bimport)\s*\(?\s*'(\.[^']*)'|new URL\('([^']*\.ts)', import\.meta\.url\)/g,
  )
  return [...specifiers].map(([, relative, beside]) => posix.join(posix.dirname(path), relative ?? beside ?? '.'))
}

/** Returns the first folder of a path, or the file's own name if it lies in none. */
function roomOf(path: string): string {
  return path.split('/', 1).join('')
}

/** Returns the imports between folders. */
function crossingsOf(sources: readonly SourceFile[]): readonly Crossing[] {
  return sources
    .flatMap((source) => importsOf(source).map((to) => ({ from: source.path, to })))
    .filter(({ from, to }) => !to.startsWith('..') && roomOf(from) !== roomOf(to))
}

/** Returns a circle of folders that import each other, or `null`. */
function findCircle(crossings: readonly Crossing[]): readonly string[] | null {
  const neighbours = new Map<string, Set<string>>()
  for (const { from, to } of crossings) {
    const known = neighbours.get(roomOf(from)) ?? new Set()
    neighbours.set(roomOf(from), known.add(roomOf(to)))
  }
  const done = new Set<string>()
  const search = (room: string, way: readonly string[]): readonly string[] | null => {
    if (way.includes(room)) return [...way.slice(way.indexOf(room)), room]
    if (done.has(room)) return null
    for (const next of neighbours.get(room) ?? []) {
      const circle = search(next, [...way, room])
      if (circle !== null) return circle
    }
    done.add(room)
    return null
  }
  for (const room of neighbours.keys()) {
    const circle = search(room, [])
    if (circle !== null) return circle
  }
  return null
}

describe('the rooms of core', () => {
  test('are the folders of its sources, and no file lies outside them', () => {
    expect([...new Set(core.map(({ path }) => roomOf(path)))].toSorted()).toEqual([...roomNames()].toSorted())
  })

  test('import rooms on lower floors only', () => {
    const upward = crossingsOf(core).filter(({ from, to }) =>
      forbiddenTo(roomOf(from) as RoomName).includes(roomOf(to) as RoomName),
    )
    expect(upward).toEqual([])
  })

  test('hold at most 15 % of core each', () => {
    const lines = new Map<string, number>()
    for (const { path, text } of core) {
      lines.set(roomOf(path), (lines.get(roomOf(path)) ?? 0) + text.split('\n').length)
    }
    const total = [...lines.values()].reduce((sum, count) => sum + count, 0)
    const largest = [...lines].filter(([, count]) => count > total * LARGEST_SHARE)
    expect(largest).toEqual([])
  })

  test('are listed in CONTRIBUTING.md with what each is for', () => {
    const guide = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8').replaceAll(/ +/g, ' ')
    const missing = roomNames().filter(
      (room) => !guide.includes(`| \`${room}\` | ${ROOMS[room].floor} | ${ROOMS[room].holds} |`),
    )
    expect(missing).toEqual([])
  })
})

describe('folders', () => {
  test('form no circle in any app or package', () => {
    const packages = ['apps', 'packages'].flatMap((kind) =>
      readdirSync(join(ROOT, kind)).map((name) => `${kind}/${name}/src`),
    )
    const circles = packages.flatMap((folder) => findCircle(crossingsOf(sourcesOf(folder))) ?? [])
    expect(circles).toEqual([])
  })

  test('that import each other are found', () => {
    const a = { path: 'a/one.ts', text: "import { two } from '../b/two.ts'" }
    const b = { path: 'b/two.ts', text: "import type { One } from '../c/three.ts'" }
    const c = { path: 'c/three.ts', text: "export { four } from '../a/four.ts'" }
    expect(findCircle(crossingsOf([a, b, c]))).toEqual(['a', 'b', 'c', 'a'])
    expect(findCircle(crossingsOf([a, b]))).toBeNull()
  })
})
