import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

// Documents that are run: blocks of code, each with its output below it. `…` stands for output that differs from run to
// run.

/** The address of Boxoffice in the documents. */
export const DOCUMENTED_URL = 'http://127.0.0.1:3000'

export interface Step {
  /** The nearest heading. */
  readonly title: string
  readonly script: string
  /** The documented output. `…` stands for anything on a line, or for any lines if it is alone on one. */
  readonly prints: string
}

/**
 * Returns the blocks in `language` of a document, or of what `part` captures of it, each with the block below it that
 * shows its output. Blocks in other languages are neither.
 */
export function readSteps(document: string, language: 'bash' | 'ts', part = /(.*)/s): Step[] {
  const content = readFileSync(fileURLToPath(new URL(`../../${document}`, import.meta.url)), 'utf8')
  const section = part.exec(content)?.[1] ?? ''
  const steps: Step[] = []
  let title = 'the start'
  for (const [, heading, written, body = ''] of section.matchAll(/^###? ([^\n]*)$|^```(\w*)\n(.*?)^```$/gms)) {
    const last = steps.at(-1)
    if (heading !== undefined) title = heading
    else if (written === language) steps.push({ title, script: body, prints: '' })
    else if (written !== '') continue
    else if (last?.prints === '') steps[steps.length - 1] = { ...last, prints: body }
    else throw new Error(`what prints this?\n${body}`)
  }
  return steps
}

/** A line written to the output after every block, to tell their outputs apart. */
export const END_OF_BLOCK = '=== end of block ==='

/**
 * Returns the output of each of `count` blocks, without the comments that keep streams open, because these come at any
 * time.
 */
export function splitOutput(output: string, count: number): string[] {
  const printed = output
    .replaceAll('\r', '')
    .replaceAll(/^:\n\n/gm, '')
    .split(`${END_OF_BLOCK}\n`)
  return printed.slice(0, count).map((part) => part.trim())
}

/** Runs the blocks in one bash, because each builds on those before it. */
export async function paste(
  blocks: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<{ outputs: string[]; complaints: string }> {
  const shell = spawn('bash', ['--noprofile', '--norc'], { stdio: 'pipe', env: { ...process.env, ...environment } })
  const [stdout, complained] = [text(shell.stdout), text(shell.stderr)]
  // Like on a terminal, the shell reads on from where a command has left off, so commands get an input of their own.
  shell.stdin.end(blocks.map((block) => `{\n${block}\n} </dev/null\necho '${END_OF_BLOCK}'\n`).join(''))
  await once(shell, 'close')
  return { outputs: splitOutput(await stdout, blocks.length), complaints: await complained }
}

const escaped = (plain: string) => plain.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)

/** Returns a pattern that matches the documented output. */
export function patternOf(documented: string): RegExp {
  const lines = documented
    .trim()
    .split('\n')
    .map((line) => (line.trim() === '…' ? String.raw`(?:.*\n)*?` : `${escaped(line).replaceAll('…', '.*')}\n`))
  // The last line has no line break of its own.
  return new RegExp(`^${lines.join('').replace(/\n$/, '')}$`)
}
