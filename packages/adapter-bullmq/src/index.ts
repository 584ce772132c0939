export type { BullmqQueueOptions } from './bullmq-queue.ts'
export { bullmqQueue } from './bullmq-queue.ts'
export type { RedisClient, RedisClientOptions } from './redis-server.ts'
