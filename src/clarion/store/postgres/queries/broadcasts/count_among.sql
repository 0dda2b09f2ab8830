-- How many of some users are members of a broadcast and have a number that is counted.
select count(*)
from unnest($1::int8[]) as j("user")
join subscription as s on s.env = $2 and s.topic = $3 and s."user" = j."user" and s.since <= $4
where s."user" <= $5 and (s.until is null or s.until > $4)
    and s."user" <> all ($6::int8[])
