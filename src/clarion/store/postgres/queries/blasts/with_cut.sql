-- Blasts that are over since then and still have a cut.
select env, blast from blast where ended_at <= $1 and has_cut = 1 order by ended_at limit $2
