select env, event from event
where (env, event) > (?, ?) and env <= ?
order by env, event
limit ?
