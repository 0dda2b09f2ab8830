-- The broadcasts after a number, the oldest first.
select seq, topic, tenant, published_at from broadcast
where env = ? and seq > ?
order by seq
limit ?
