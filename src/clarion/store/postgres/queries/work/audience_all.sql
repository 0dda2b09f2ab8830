select "user" from "user"
where env = $1 and "user" > $2 and "user" <= $3 and erased_at is null
    and "user" <> all ($5::int8[])
order by "user"
limit $4
