-- Broadcasts of a topic that were published at an instant or later. Nobody counts their members meanwhile.
update broadcast set cursor = cursor where env = ? and topic = ? and published_at >= ?
returning event, workflow, published_at, excepted, cursor, seq
