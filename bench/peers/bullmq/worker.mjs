// One job is one push: read the preference, post, record the outcome.
import { Worker } from 'bullmq';
import pg from 'pg';
import { Pool } from 'undici';
import { connection } from './settings.mjs';

const concurrency = Number(process.env.CONCURRENCY);
const database = new pg.Pool({
  connectionString: process.env.DATABASE_URL,
  max: Number(process.env.DATABASE_CONNECTIONS),
});
const provider = new Pool(process.env.PROVIDER_URL, { connections: concurrency });
const headers = { authorization: `Bearer ${process.env.PROVIDER_TOKEN}`, 'content-type': 'application/json' };

const preference = { name: 'preference', text: 'select push, token from preference where user_id = $1' };
const record = {
  name: 'record',
  text: `insert into notification (event, user_id, status, provider_id) values ($1, $2, $3, $4)
         on conflict do nothing`,
};

function message(token, event) {
  return JSON.stringify({
    message: {
      token,
      notification: { title: 'Ann is live', body: 'Your favourite streamer has just gone live' },
      data: { event, channel: 'ann' },
      android: { collapse_key: event, priority: 'normal', ttl: '3600s' },
      apns: { headers: { 'apns-collapse-id': event, 'apns-priority': '5' } },
    },
  });
}

async function send(token, event) {
  const { statusCode, body } = await provider.request({
    path: '/v1/projects/bench/messages:send', method: 'POST', headers, body: message(token, event),
  });
  const answer = await body.json();
  if (statusCode !== 200) throw new Error(`the provider answered ${statusCode}`);
  return answer.name;
}

async function work(job) {
  const { event, user } = job.data;
  const { rows } = await database.query({ ...preference, values: [user] });
  const wanted = rows[0];
  const sent = wanted.push ? await send(wanted.token, event) : null;
  await database.query({ ...record, values: [event, user, sent === null ? 'skipped' : 'sent', sent] });
}

const worker = new Worker('push', work, { connection: connection(), concurrency });
worker.on('error', (error) => console.error(error));
await worker.waitUntilReady();
console.log('ready');
process.once('SIGTERM', async () => {
  await worker.close();
  process.exit(0);
});
