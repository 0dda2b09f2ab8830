select env, suppression from suppression where until <= $1 order by env, suppression limit $2
