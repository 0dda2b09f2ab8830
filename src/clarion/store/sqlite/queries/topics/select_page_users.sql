select distinct user from subscription where env = ? and topic = ? and user > ? order by user limit ?
