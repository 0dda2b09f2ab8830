select "user", kind, scope, body from setting where env = $1 and "user" = $2 order by kind, scope
