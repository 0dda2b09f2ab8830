update alert
set told = $2, state = case when $3::int8 is null then 2 else 1 end, due = coalesce($3, $4)
where alert = $1 and state = 1
