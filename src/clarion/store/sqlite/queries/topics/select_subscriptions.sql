select topic, since from subscription indexed by subscription_by_user
where env = ? and user = ? and topic > ? and until is null
order by topic
limit ?
