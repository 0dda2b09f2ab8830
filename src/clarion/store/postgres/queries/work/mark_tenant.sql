-- As of a topic.
select "user" from tenant_member
where env = $1 and tenant = $2 and "user" > $3 and "user" <= $4
order by "user"
limit 1 offset $5
