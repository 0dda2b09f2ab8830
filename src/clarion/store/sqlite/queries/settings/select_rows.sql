select user, kind, scope, body from setting where env = ? and user = ? order by kind, scope
