select env, "user" from erasure where began_at < $1 order by began_at limit $2
