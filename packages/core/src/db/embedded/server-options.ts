const MB = 2 ** 20

/**
 * Returns server options for this workload: many short writes, a few hot rows, hardly any large reads.
 * `synchronous_commit` stays on, because a 202 is a promise.
 *
 * @param memory bytes that the machine has.
 */
export function optionsForMachine(memory: number): Readonly<Record<string, string>> {
  return { ...OPTIONS, shared_buffers: `${Math.round(sharedBuffers(memory) / MB)}MB` }
}

/**
 * Returns a sixteenth of the memory, because the other processes need theirs too. Indexes by reference and by key are
 * written at random places; those of a million bookings no longer fit into the minimum, and are read page by page.
 */
const sharedBuffers = (memory: number) => Math.min(Math.max(memory / 16, 192 * MB), 1_024 * MB)

const OPTIONS: Readonly<Record<string, string>> = {
  max_connections: '200',
  synchronous_commit: 'on',
  wal_buffers: '16MB',
  min_wal_size: '256MB',
  // Few checkpoints, each spread out: after one, the first change of every page writes the whole page to the log.
  max_wal_size: '8GB',
  checkpoint_timeout: '15min',
  checkpoint_completion_target: '0.9',
  log_checkpoints: 'off',
  // Pages are written back beside the work, before a deciding worker needs their place and has to do it itself.
  bgwriter_delay: '20ms',
  bgwriter_lru_maxpages: '1000',
  bgwriter_lru_multiplier: '4',
  // Compiling and parallel workers cost more than any query here takes.
  jit: 'off',
  max_parallel_workers_per_gather: '0',
  random_page_cost: '1.1',
  // Hot rows leave dead versions by the thousand.
  autovacuum_naptime: '10s',
  timezone: 'UTC',
  log_timezone: 'UTC',
}
