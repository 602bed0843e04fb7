/**
 * How Node is started for the API and the worker. V8 would let its young generation grow to 128 MB on a large machine;
 * with 32 MB a process under load takes a quarter less memory and decides as much. It cannot be set once Node runs, so
 * the npm scripts, the image and the compose file repeat it; a test compares them.
 */
export const NODE_FLAGS = ['--max-semi-space-size=16'] as const
