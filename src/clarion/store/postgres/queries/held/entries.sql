-- The newest entries of a digest that were not taken back.
select event, actor, mention, at from digest_entry
where env = $1 and digest = $2 and retracted_at is null
order by event desc
limit $3
