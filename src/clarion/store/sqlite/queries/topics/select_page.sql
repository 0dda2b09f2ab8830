select topic from topic
where env = ? and topic > ? and deleted_at is null
order by topic
limit ?
