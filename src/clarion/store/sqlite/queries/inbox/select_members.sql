-- The newest members of an item that were not taken back.
select event, actor, at from item_member indexed by item_member_by_item
where env = ? and user = ? and tenant = ? and seq = ? and retracted_at is null
order by event desc
limit ?
