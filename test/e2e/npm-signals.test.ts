import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { sharedDatabase } from '../support/database.ts'
import { TEST_SECRETS } from '../support/tokens.ts'

const db = sharedDatabase()

describe.each([
  ['api', 'listening'],
  ['worker', 'worker is deciding'],
])('npm run %s', (script, ready) => {
  it('passes SIGTERM on: what supervises npm stops what npm has started', async () => {
    const npm = spawn('npm', ['run', '--silent', script], {
      env: { ...process.env, ...TEST_SECRETS, DATABASE_URL: db.url, QUEUE_URL: '', PORT: '0', LOG_LEVEL: 'info' },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    let output = ''
    const pid = await new Promise<number>((resolve) => {
      npm.stdout.setEncoding('utf8').on('data', (text: string) => {
        output += text
        const line = output.split('\n').find((one) => one.includes(`"msg":"${ready}"`))
        if (line !== undefined) resolve((JSON.parse(line) as { pid: number }).pid)
      })
    })
    // A process that still runs holds its end of the pipe.
    const ended = once(npm.stdout, 'close')
    npm.kill('SIGTERM')
    await ended
    expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  })
})
