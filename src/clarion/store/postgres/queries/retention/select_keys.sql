select env, key, event from event_key where (env, key) > ($1, $2) order by env, key limit $3
