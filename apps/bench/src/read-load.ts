import { latencyOf, openHistogram } from '@boxoffice/load-rig/latency.ts'
import type { Latency } from '@boxoffice/load-rig/latency.ts'
import { Pool } from 'undici'

/** Clients that ask for one thing again and again, with the entity tag of what they have. */
export interface ReadPlan {
  readonly url: string
  readonly path: string
  readonly clients: number
  readonly warmUpMs: number
  readonly measuredMs: number
}

export interface ReadResult {
  readonly answered: number
  /** Of those, unchanged: 304. */
  readonly unchanged: number
  readonly latency: Latency
  readonly problems: readonly string[]
}

interface Answer {
  readonly status: number
  readonly etag: string | null
}

/** Closed loop: each client asks again when it was answered. */
export async function runReads({ url, path, clients, warmUpMs, measuredMs }: ReadPlan): Promise<ReadResult> {
  const pool = new Pool(url, { connections: clients, pipelining: 1 })
  const latency = openHistogram()
  const problems: string[] = []
  let answered = 0
  let unchanged = 0
  const fromMs = performance.now() + warmUpMs
  const endMs = fromMs + measuredMs
  const client = async () => {
    let etag = ''
    while (performance.now() < endMs && problems.length === 0) {
      const sentMs = performance.now()
      const answer = await get(pool, path, etag)
      const nowMs = performance.now()
      if (answer.status !== 200 && answer.status !== 304) problems.push(`a read was answered ${answer.status}`)
      etag = answer.etag ?? etag
      if (nowMs < fromMs || nowMs >= endMs) continue
      answered++
      if (answer.status === 304) unchanged++
      latency.recordValue(Math.round((nowMs - sentMs) * 1_000))
    }
  }
  try {
    await Promise.all(Array.from({ length: clients }, client))
  } finally {
    await pool.destroy()
  }
  return { answered, unchanged, latency: latencyOf(latency), problems }
}

function get(pool: Pool, path: string, etag: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let answer: Answer = { status: 0, etag: null }
    pool.dispatch(
      { path, method: 'GET', headers: etag === '' ? {} : { 'if-none-match': etag } },
      {
        onRequestStart: () => {},
        onResponseStart: (_controller, status, headers) => {
          const tag = headers['etag']
          answer = { status, etag: typeof tag === 'string' ? tag : null }
        },
        onResponseData: () => {},
        onResponseEnd: () => resolve(answer),
        onResponseError: (_controller, error) => reject(error),
      },
    )
  })
}
