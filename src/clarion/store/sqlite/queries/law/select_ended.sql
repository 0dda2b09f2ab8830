select env, suppression from suppression indexed by suppression_by_end
where until <= ?
order by env, suppression
limit ?
