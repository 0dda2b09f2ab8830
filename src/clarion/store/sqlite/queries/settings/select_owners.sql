select distinct user from setting where env = ? and user > ? order by user limit ?
