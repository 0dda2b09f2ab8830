select env, user from erasure where began_at < ? order by began_at limit ?
