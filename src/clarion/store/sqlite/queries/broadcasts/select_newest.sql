-- The number of the newest broadcast.
select last from broadcast_sequence where env = ?
