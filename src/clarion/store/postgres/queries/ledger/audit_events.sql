select env, event from event
where (env, event) > ($1, $2) and env <= $3
order by env, event
limit $4
