select user, since from subscription
where env = ? and topic = ? and user > ? and until is null
order by user
limit ?
