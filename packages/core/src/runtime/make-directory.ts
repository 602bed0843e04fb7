import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Makes a directory and those above it. Rejects where that cannot be done; Node's own `recursive` never comes back where
 * a file system answers ENOENT although the parent is there (`/proc` does). Answers whether it was made just now.
 */
export async function makeDirectory(path: string): Promise<boolean> {
  try {
    await mkdir(path)
    return true
  } catch (error) {
    if (await isDirectory(path)) return false
    const parent = dirname(path)
    if (parent === path || (await isDirectory(parent))) throw error
    await makeDirectory(parent)
    return makeDirectory(path)
  }
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch {
    return false
  }
}
