-- The user at a place of an audience, those who left counted in.
select "user" from subscription
where env = $1 and topic = $2 and "user" > $3 and "user" <= $4
order by "user"
limit 1 offset $5
