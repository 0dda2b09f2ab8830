select 1 from event_recipient where env = ? and event = ? and user = ?
