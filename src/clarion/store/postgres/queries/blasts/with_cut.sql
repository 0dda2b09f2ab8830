-- Blasts that are over and still have a cut.
select env, blast from blast where ended_at is not null and has_cut = 1 limit $1
