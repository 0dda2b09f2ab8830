-- The newest entries of a digest that were not taken back.
select event, actor, mention, at from digest_entry
where env = ? and digest = ? and retracted_at is null
order by event desc
limit ?
