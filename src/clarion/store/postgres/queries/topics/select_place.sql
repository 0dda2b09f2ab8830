-- Whether a topic has more subscribers than so many (the offset).
select 1 from subscription where env = $1 and topic = $2 and until is null limit 1 offset $3
