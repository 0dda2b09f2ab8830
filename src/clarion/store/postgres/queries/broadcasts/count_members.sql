-- The next members in the order of their numbers: how many, and the last of them.
select count(*), max(m."user") from (
    select s."user" from subscription as s
    where s.env = $1 and s.topic = $2 and s."user" > $4 and s.since <= $3
        and (s.until is null or s.until > $3)
        and s."user" <> all ($5::int8[])
    order by s."user"
    limit $6
) as m
