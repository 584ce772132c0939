export type { FileLock, LockRequest } from './file-lock.ts'
export { takeFileLock } from './file-lock.ts'
