select "user" from subscription
where env = $1 and topic = $2 and "user" > $3 and "user" <= $4 and until is null
    and "user" <> all ($6::int8[])
order by "user"
limit $5
