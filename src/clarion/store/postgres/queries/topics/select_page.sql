select topic from topic
where env = $1 and topic > $2 and deleted_at is null
order by topic
limit $3
