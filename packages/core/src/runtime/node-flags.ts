/**
 * Flags of Node for the API and the worker. On a large machine V8 lets the young generation grow to 128 MB and the old
 * one to several times of what is alive in it; with 32 MB and half as much again, a process under load takes half the
 * memory and decides as much. It cannot be set once Node runs, so the npm scripts, the image and the compose file
 * repeat it; a test compares them.
 */
export const NODE_FLAGS = ['--max-semi-space-size=16', '--heap-growing-percent=150'] as const
