// Takes events as lines on its standard input and adds one job for each recipient, in bulk.
import { createInterface } from 'node:readline';
import { Queue } from 'bullmq';
import pg from 'pg';
import { connection, CHUNK, jobOptions } from './settings.mjs';

const queue = new Queue('push', { connection: connection(), defaultJobOptions: jobOptions });
const client = new pg.Client({ connectionString: process.env.DATABASE_URL });
await client.connect();

const page = {
  name: 'audience',
  text: 'select user_id from preference where user_id > $1 and user_id <= $2 order by user_id limit $3',
};

async function enqueue({ event, count }) {
  let after = 0;
  for (;;) {
    const { rows } = await client.query({ ...page, values: [after, count, CHUNK] });
    if (rows.length === 0) return;
    after = Number(rows.at(-1).user_id);
    const jobs = rows.map(({ user_id: user }) => ({
      name: 'push',
      data: { event, user: Number(user) },
      opts: { jobId: `${event}-${user}` },
    }));
    await queue.addBulk(jobs);
  }
}

console.log('ready');
for await (const line of createInterface({ input: process.stdin })) {
  await enqueue(JSON.parse(line));
  console.log('enqueued');
}
await queue.close();
await client.end();
