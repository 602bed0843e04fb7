import { ChildProcess } from 'node:child_process'
import { Server, Socket } from 'node:net'
import { Worker } from 'node:worker_threads'

// Loaded before every unit test, so that the rule of `projects.ts` misses nothing: a test that opens a socket, a
// process or a thread fails here, and belongs in another project.

function refuse(what: string): () => never {
  return () => {
    throw new Error(`a unit test ${what}: see test/support/projects.ts for what makes it a test of another project`)
  }
}

Server.prototype.listen = refuse('listens')
Socket.prototype.connect = refuse('connects')
Worker.prototype.postMessage = refuse('uses a thread')
Object.assign(ChildProcess.prototype, { spawn: refuse('starts a process') })
