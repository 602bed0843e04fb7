import { execFileSync } from 'node:child_process'

/** Where Chromium is; `null` where this machine has none: `describe.runIf(chromiumPath !== null)(…)`. */
export const chromiumPath = findChromium()

function findChromium(): string | null {
  try {
    return execFileSync('sh', ['-c', 'command -v chromium'], { encoding: 'utf8' }).trim()
  } catch {
    return null
  }
}

/** It asks for nothing by itself, so that what a page asks for is all there is. */
export const CHROMIUM_ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
