update broadcast set cursor = max(cursor, ?4) where env = ?1 and event = ?2 and workflow = ?3
