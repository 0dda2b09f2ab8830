-- Whether a topic has more subscribers than so many (the offset).
select 1 from subscription where env = ? and topic = ? and until is null limit 1 offset ?
