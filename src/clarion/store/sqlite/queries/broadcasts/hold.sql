-- Who counts members, or erases one, has the broadcast to itself.
update broadcast set cursor = cursor where env = ? and event = ? and workflow = ?
returning topic, published_at, excepted, cursor
