// What producer and worker share.
import { Redis } from 'ioredis';

export const CHUNK = 1000;

// A job that is done stays for an hour, so that its jobId still keeps a repeat out.
export const jobOptions = {
  attempts: 4,
  backoff: { type: 'exponential', delay: 5000 },
  removeOnComplete: { age: 3600 },
  removeOnFail: { age: 86400 },
};

export function connection() {
  return new Redis(process.env.VALKEY_URL, { maxRetriesPerRequest: null, enableAutoPipelining: true });
}
