import { execFileSync } from 'node:child_process'

/** The path of Chromium; `null` if this machine has none: `describe.runIf(chromiumPath !== null)(…)`. */
export const chromiumPath = findChromium()

function findChromium(): string | null {
  try {
    return execFileSync('sh', ['-c', 'command -v chromium'], { encoding: 'utf8' }).trim()
  } catch {
    return null
  }
}

/** Arguments that keep the browser from requests of its own, so that every request is the page's. */
export const CHROMIUM_ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
