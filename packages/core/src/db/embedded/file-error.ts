const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a part of the path is not a directory',
  ENOENT: 'a part of the path cannot be created',
  EEXIST: 'a part of the path is not a directory',
  ENOSPC: 'no space is left',
  EDQUOT: 'the disk quota is used up',
}

/** Says a file system error in plain words. */
export function describeFileError(error: unknown): string {
  const code = errorCode(error)
  return (code !== undefined && REASONS[code]) || (error instanceof Error ? error.message : String(error))
}

/** Returns the system's code of an error, such as `ENOENT`, if it has one. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
