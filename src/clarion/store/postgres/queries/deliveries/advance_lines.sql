-- The first row of each line is behind nobody.
update ready
set behind = 0
where behind = 1 and seq = any (array(
    select (select min(r.seq) from ready as r where r.env = j.env and r.line = j.line)
    from unnest($1::int8[], $2::text[], $3::text[]) as j(env, ordering_key, line)
))
