select env, blast from blast where ended_at < $1 and has_cut = 0 order by ended_at limit $2
