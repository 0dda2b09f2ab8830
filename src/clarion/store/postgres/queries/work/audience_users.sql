select "user" from event_recipient
where env = $1 and event = $2 and "user" > $3 and "user" <= $4
    and "user" <> all ($6::int8[])
order by "user"
limit $5
