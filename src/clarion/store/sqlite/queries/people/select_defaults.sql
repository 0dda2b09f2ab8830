select user, kind, scope, body from setting
where env = ?1 and user = 0 and (kind, scope) in (values (7, 0), (6, ?2))
order by kind, scope
