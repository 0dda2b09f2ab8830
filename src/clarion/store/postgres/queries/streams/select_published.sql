-- The broadcasts after a number, the oldest first.
select seq, topic, tenant, published_at from broadcast
where env = $1 and seq > $2
order by seq
limit $3
