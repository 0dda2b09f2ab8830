delete from setting
where env = ? and user = ?
    and (kind, scope) in (select value ->> 0, value ->> 1 from json_each(?))
