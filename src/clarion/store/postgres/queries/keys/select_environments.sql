select name, env from environment order by name
