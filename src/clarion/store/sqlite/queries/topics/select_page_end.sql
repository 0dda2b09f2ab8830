select max(user) from (
    select user from subscription where env = ? and topic = ? and user > ? order by user limit ?
)
