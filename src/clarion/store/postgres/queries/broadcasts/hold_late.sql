-- Broadcasts of a topic that were published at an instant or later. Nobody counts their members meanwhile.
update broadcast set cursor = cursor where env = $1 and topic = $2 and published_at >= $3
returning event, workflow, published_at, excepted, cursor, seq
